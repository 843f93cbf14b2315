// Three tones of at most 150 ms, made on the spot: up for a stamp, a chord for a reward, low twice for a refusal.

import { preference } from "./preferences.js";
import { placeOf } from "./swaps.js";

// Hertz, and from when to when in seconds.
const TONES = {
  stamp: [[660, 0, 0.07], [990, 0.06, 0.15]],
  reward: [[523, 0, 0.15], [659, 0, 0.15], [784, 0, 0.15]],
  no: [[220, 0, 0.06], [180, 0.08, 0.15]],
};
let audio = null;
let asked = null;

// Browsers let a page sound once somebody touched it.
function unlock() {
  if (navigator.userActivation && !navigator.userActivation.isActive) return;
  if (!globalThis.AudioContext) return;
  audio ??= new AudioContext();
  if (audio.state === "suspended") audio.resume();
}

function play(name) {
  if (name === "stamp" && navigator.userActivation?.hasBeenActive) navigator.vibrate?.(15);
  if (!audio || preference("sounds") === "off") return;
  const loud = (Number(preference("volume")) / 100) * (name === "reward" ? 0.12 : 0.25);
  for (const [pitch, from, to] of TONES[name]) {
    const tone = audio.createOscillator();
    const level = audio.createGain();
    const begin = audio.currentTime + from;
    const end = audio.currentTime + to;
    tone.frequency.value = pitch;
    tone.type = name === "no" ? "triangle" : "sine";
    level.gain.setValueAtTime(0, begin);
    level.gain.linearRampToValueAtTime(loud, begin + 0.01);
    level.gain.linearRampToValueAtTime(0, end);
    tone.connect(level).connect(audio.destination);
    tone.start(begin);
    tone.stop(end);
  }
}

// Only the answer to something that was done has a sound; looking at an old entry is silent.
function answered(event) {
  const place = placeOf(event);
  if (!place || asked?.dataset?.retry === undefined) return;
  if (place.querySelector("[data-wrong], #refused, #locked")) play("no");
  else if (place.querySelector(".seal--gift")) play("reward");
  else if (place.querySelector(".seal--ok")) play("stamp");
}

export function startSounds() {
  for (const touch of ["pointerup", "keydown", "click"]) document.addEventListener(touch, unlock);
  // After the swap the form may be gone, and htmx then names another element.
  document.addEventListener("htmx:before:swap", (event) => {
    asked = event.detail?.ctx?.sourceElement;
  });
  document.addEventListener("htmx:after:swap", answered);
  document.addEventListener("click", (event) => {
    if (!event.target.closest?.("[data-try-sound]")) return;
    unlock();
    play("stamp");
  });
}
