// The PIN pad: big keys that count on touch, hardware digits, and a form that sends itself at the last digit.

import { placeOf } from "./swaps.js";

// A little more than a hand scanner's pause between two characters.
const HELD = 60;
let held = "";
let timer = 0;

const pads = () => document.querySelectorAll("[data-pin]");

function field(pad) {
  return pad.querySelector("input[name=pin]");
}

function isBusy(pad) {
  return pad.querySelector(".pad").getAttribute("aria-busy") === "true";
}

function busy(pad, on) {
  pad.querySelector(".pad").setAttribute("aria-busy", String(on));
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
  if (pad.dataset.kept !== undefined) forget(pad);
  if (isBusy(pad) || input.value.length >= length) return;
  input.value += digit;
  pad.querySelector("[data-pin-message]").replaceChildren();
  pad.querySelector(".dots").classList.remove("is-wrong");
  show(pad);
  if (input.value.length === length) {
    busy(pad, true);
    input.form.requestSubmit();
  }
}

// The PIN that was kept for "Try again" gives way to one that is typed anew.
function forget(pad) {
  delete pad.dataset.kept;
  field(pad).value = "";
}

function erase(pad, all) {
  if (isBusy(pad)) return;
  const input = field(pad);
  input.value = all ? "" : input.value.slice(0, -1);
  show(pad);
}

// An answer that left the pad standing refused the PIN: it empties, and shakes.
function refused(event) {
  const place = placeOf(event);
  if (!place?.matches("[data-pin-message]")) return;
  const pad = place.closest("[data-pin]");
  busy(pad, false);
  erase(pad, true);
  const dots = pad.querySelector(".dots");
  dots.classList.remove("is-wrong");
  void dots.offsetWidth;
  dots.classList.add("is-wrong");
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

// Digits from a keyboard wait for a moment: a scanned code holds digits too, and they are no PIN.
function release() {
  clearTimeout(timer);
  const digits = held;
  held = "";
  const pad = document.querySelector("[data-pin]");
  if (pad && /^[0-9]+$/.test(digits)) for (const digit of digits) type(pad, digit);
}

function press(event) {
  const pad = document.querySelector("[data-pin]");
  const typing = event.target.matches?.("input:not([name=pin], [type=radio], [type=checkbox]), textarea, select");
  if (!pad || typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Backspace") {
    release();
    erase(pad, false);
  } else if (event.key.length === 1 && event.key !== " ") {
    held += event.key;
    clearTimeout(timer);
    timer = setTimeout(release, HELD);
  } else return;
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
  document.addEventListener("keydown", press);
  document.addEventListener("wedge:scan", () => {
    held = "";
  });
  document.addEventListener("htmx:after:swap", refused);
  document.addEventListener("till:uncertain", (event) => {
    const pad = event.target.querySelector("[data-pin]");
    if (!pad) return;
    busy(pad, false);
    pad.dataset.kept = "";
  });
  document.addEventListener("htmx:before:request", (event) => {
    const pad = event.detail?.ctx?.sourceElement?.querySelector?.("[data-pin]");
    if (!pad) return;
    delete pad.dataset.kept;
    busy(pad, true);
  });
}
