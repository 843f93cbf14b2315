// The page of settings: what is chosen counts at once and stays in this browser.

import { cameras } from "./camera.js";
import { prefer, preference } from "./preferences.js";

const fields = () => document.querySelectorAll("[data-preference]");

async function fill() {
  if (!fields().length) return;
  const list = document.querySelector("select[name=camera]");
  const found = await cameras();
  if (list.isConnected && list.options.length === 1) {
    found.forEach((camera, place) => {
      const words = camera.label || list.dataset.words.replace("{n}", place + 1);
      list.append(new Option(words, camera.deviceId));
    });
  }
  for (const field of fields()) {
    const value = String(preference(field.name));
    if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
  }
  // A camera that isn't plugged in now stays chosen, and shows as the usual one.
  if (list.selectedIndex < 0) list.selectedIndex = 0;
}

function choose(event) {
  const field = event.target;
  if (field.dataset?.preference === undefined) return;
  prefer(field.name, field.type === "range" ? Number(field.value) : field.value);
}

function tried(event) {
  const place = document.querySelector("[data-scanner-test]");
  if (!place) return;
  event.preventDefault();
  place.textContent = place.dataset.words.replace("{code}", () => event.detail.code);
  place.classList.add("is-on");
}

export function startLikes() {
  document.addEventListener("change", choose);
  document.addEventListener("till:scan", tried);
  document.addEventListener("htmx:after:swap", fill);
  fill();
}
