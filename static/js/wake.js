// The screen stays on once the till was touched, and again when the page comes back to the front.

let touched = false;
let lock = null;

async function hold() {
  if (!touched || document.hidden || (lock && !lock.released)) return;
  try {
    lock = await navigator.wakeLock?.request("screen");
  } catch {
    // A tablet that saves power says no: then its own setting counts.
  }
}

export function startWake() {
  document.addEventListener("pointerup", () => {
    touched = true;
    hold();
  });
  document.addEventListener("visibilitychange", hold);
}
