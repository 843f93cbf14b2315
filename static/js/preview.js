// In the program editor a colour shows on the card while it is being chosen; the server's preview follows.

export function startPreview() {
  document.addEventListener("input", (event) => {
    const property = event.target.dataset?.preview;
    if (!property) return;
    for (const card of document.querySelectorAll(".editor__preview [data-theme=card]")) {
      for (const name of property.split(" ")) card.style.setProperty(name, event.target.value);
    }
  });
}
