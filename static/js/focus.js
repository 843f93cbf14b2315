// After a swap the reader stands at the new heading; a form that came back stands at its list of errors.

function land(event) {
  const root = event?.detail?.ctx?.target ?? document;
  if (event && !["stage", "main"].includes(root.id)) return;
  const place = root.querySelector?.("[data-focus], h1[tabindex]");
  place?.focus({ preventScroll: Boolean(event) });
}

export function startFocus() {
  const errors = document.querySelector("[data-focus]");
  errors?.focus();
  document.addEventListener("htmx:after:swap", land);
}
