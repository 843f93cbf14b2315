// A code was read, by the camera or a hand scanner. Whoever wants it keeps it from opening its card by
// `preventDefault()` on `till:scan`: the field that tries a scanner, and a till without a network.

import { isWriting } from "./retry.js";

export function scanned(code, other = "") {
  const form = document.querySelector("form[data-wedge]");
  if (!form || isWriting()) return;
  const event = new CustomEvent("till:scan", { cancelable: true, detail: { code, other } });
  if (!document.dispatchEvent(event)) return;
  form.elements.code.value = code;
  form.elements.code_alt.value = other;
  form.requestSubmit();
}
