// Buttons that fill fields, such as a pair of colours: `data-fills` holds `id=value` pairs.

function pairs(button) {
  return button.dataset.fills.split(" ").map((pair) => pair.split("="));
}

function isFilled([id, value]) {
  return document.getElementById(id)?.value.toUpperCase() === value.toUpperCase();
}

function mark() {
  for (const button of document.querySelectorAll("[data-fills]")) {
    button.setAttribute("aria-pressed", String(pairs(button).every(isFilled)));
  }
}

export function startFills() {
  document.addEventListener("click", (event) => {
    const button = event.target.closest?.("[data-fills]");
    if (!button) return;
    for (const [id, value] of pairs(button)) {
      const field = document.getElementById(id);
      field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  document.addEventListener("input", mark);
  mark();
}
