// Where an answer went: htmx names the place by its element, or by the selector that the server sent.
export function placeOf(event) {
  const target = event.detail?.ctx?.target;
  return typeof target === "string" ? document.querySelector(target) : target;
}
