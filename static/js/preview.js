// In the program editor a colour shows on the card while it is being chosen; the server's preview follows.

function paint(field) {
  for (const card of document.querySelectorAll(".editor__preview [data-theme=card]")) {
    for (const name of field.dataset.preview.split(" ")) card.style.setProperty(name, field.value);
  }
}

// The slider goes as far as the card has places, and says where it stands.
function measure() {
  const shown = document.getElementById("shown");
  const target = document.getElementById("preview")?.dataset.target;
  if (!shown || !target) return;
  shown.max = target;
  const said = document.querySelector("[data-shown]");
  if (said) said.textContent = shown.value;
}

export function startPreview() {
  document.addEventListener("input", (event) => {
    if (event.target.dataset?.preview) paint(event.target);
    if (event.target.id === "shown") measure();
  });
  document.addEventListener("htmx:after:swap", measure);
  measure();
}
