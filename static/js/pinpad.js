// The PIN pad: big keys that count on touch, hardware digits, and a form that sends itself at the last digit.

const pads = () => document.querySelectorAll("[data-pin]");

function field(pad) {
  return pad.querySelector("input[name=pin]");
}

function show(pad) {
  const count = field(pad).value.length;
  pad.querySelectorAll(".dots i").forEach((dot, place) => dot.classList.toggle("is-on", place < count));
  const said = pad.querySelector("[data-pin-said]");
  said.textContent = count ? pad.dataset.pinWords.replace("{n}", count) : "";
}

function type(pad, digit) {
  const input = field(pad);
  const length = Number(pad.dataset.pin);
  if (pad.querySelector(".pad").getAttribute("aria-busy") === "true" || input.value.length >= length) return;
  input.value += digit;
  pad.querySelector("[data-pin-message]").replaceChildren();
  show(pad);
  if (input.value.length === length) {
    busy(pad, true);
    input.form.requestSubmit();
  }
}

function erase(pad, all) {
  const input = field(pad);
  input.value = all ? "" : input.value.slice(0, -1);
  show(pad);
}

export function busy(pad, on) {
  pad.querySelector(".pad").setAttribute("aria-busy", String(on));
}

// After an answer that left the pad standing: empty it, and shake when the PIN was wrong.
function settle() {
  for (const pad of pads()) {
    const wrong = pad.querySelector("[data-wrong]");
    if (pad.querySelector(".pad").getAttribute("aria-busy") === "true" && !pad.closest(".is-checking")) {
      busy(pad, false);
      erase(pad, true);
    }
    const dots = pad.querySelector(".dots");
    dots.classList.toggle("is-wrong", Boolean(wrong));
  }
}

function tap(event) {
  const key = event.target.closest?.("[data-pin] button");
  if (!key) return;
  const pad = key.closest("[data-pin]");
  if (key.dataset.digit !== undefined) type(pad, key.dataset.digit);
  else if (key.dataset.clear !== undefined) erase(pad, true);
  else if (key.dataset.back !== undefined) erase(pad, false);
  else return;
  event.preventDefault();
}

export function startPads() {
  // A finger counts when it goes down: sooner, and a thumb that slides loses nothing.
  document.addEventListener("pointerdown", (event) => {
    if (event.button === 0) tap(event);
  });
  // Keyboards and screen readers click without a pointer.
  document.addEventListener("click", (event) => {
    if (event.detail === 0) tap(event);
  });
  document.addEventListener("keydown", (event) => {
    const pad = document.querySelector("[data-pin]");
    const typing = event.target.matches?.("input:not([name=pin]), textarea, select");
    if (!pad || typing || event.ctrlKey || event.metaKey || event.altKey) return;
    if (/^[0-9]$/.test(event.key)) type(pad, event.key);
    else if (event.key === "Backspace") erase(pad, false);
    else return;
    event.preventDefault();
  });
  document.addEventListener("htmx:after:swap", settle);
  document.addEventListener("htmx:finally:request", () => setTimeout(settle));
}
