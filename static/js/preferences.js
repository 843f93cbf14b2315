// What this till likes, kept in its browser. `early.js` reads the same entry before the first paint.

const ENTRY = "till";
const USUAL = { camera: "", mirror: "auto", sounds: "on", volume: 60, hand: "right", size: "normal", mode: "auto" };

function kept() {
  try {
    const found = JSON.parse(localStorage.getItem(ENTRY));
    return found && typeof found === "object" ? found : {};
  } catch {
    return {};
  }
}

export function preference(name) {
  return kept()[name] ?? USUAL[name];
}

export function prefer(name, value) {
  const all = { ...kept(), [name]: value };
  try {
    localStorage.setItem(ENTRY, JSON.stringify(all));
  } catch {
    // A browser that keeps nothing forgets it with the page.
  }
  globalThis.dressTill(all);
  document.dispatchEvent(new CustomEvent("till:preference", { detail: { name, value } }));
}
