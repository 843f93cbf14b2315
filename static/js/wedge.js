// A hand scanner is a very fast keyboard that types US key positions on whatever layout the tablet has.
// Both readings are kept, by position and by character; the server takes the one whose check character fits.

import { scanned } from "./scanned.js";

const FASTEST_HUMAN = 50;
const SHORTEST = 8;
let strokes = [];

function byPosition(event) {
  if (/^Key[A-Z]$/.test(event.code)) return event.code.slice(3);
  if (/^(Digit|Numpad)[0-9]$/.test(event.code)) return event.code.slice(-1);
  return event.code === "Minus" ? "-" : "";
}

function finish(event) {
  const burst = strokes;
  strokes = [];
  if (burst.length < SHORTEST) return;
  // Its Enter presses no button and sends no form, and what it typed into a field is taken back.
  event.preventDefault();
  event.stopPropagation();
  const leaked = burst[0].field;
  if (leaked && "value" in leaked && !leaked.matches("button")) leaked.value = burst[0].before;
  document.dispatchEvent(new Event("wedge:scan"));
  scanned(burst.map((stroke) => stroke.position).join(""), burst.map((stroke) => stroke.key).join(""));
}

export function startWedge() {
  document.addEventListener(
    "keydown",
    (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      const now = event.timeStamp;
      if (strokes.length && now - strokes.at(-1).at > FASTEST_HUMAN) strokes = [];
      if (event.key === "Enter" || event.key === "Tab") return finish(event);
      if (event.key.length !== 1) return;
      const field = document.activeElement;
      strokes.push({ at: now, position: byPosition(event), key: event.key, field, before: field?.value });
    },
    true,
  );
}
