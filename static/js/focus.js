// After a swap the reader stands at the new heading; a form that came back stands at its list of errors.

import { placeOf } from "./swaps.js";

function land(event) {
  const root = placeOf(event);
  if (!["stage", "main"].includes(root?.id)) return;
  const place = root.querySelector("[data-focus], h1[tabindex]");
  place?.focus({ preventScroll: true });
  if (root.getBoundingClientRect().top < 0) scrollTo({ top: 0 });
}

// What a new screen brings for a place outside of it, such as the day's count in the bar.
function carry() {
  for (const brought of document.querySelectorAll("template[data-place]")) {
    document.getElementById(brought.dataset.place)?.replaceChildren(brought.content.cloneNode(true));
  }
}

export function startFocus() {
  const errors = document.querySelector("[data-focus]");
  errors?.focus();
  document.addEventListener("htmx:after:swap", (event) => {
    land(event);
    carry();
  });
}
