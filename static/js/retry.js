// No answer is no answer: the same form, with the same key, is sent again. The server counts it once.

const PAUSES = [300, 600, 1200, 2400, 3000];
const tries = new WeakMap();

function words() {
  return document.getElementById("words")?.dataset ?? {};
}

function say(text) {
  const toasts = document.getElementById("toasts");
  if (!toasts) return;
  toasts.replaceChildren();
  if (!text) return;
  const toast = document.createElement("p");
  toast.className = "notice notice--warn";
  toast.textContent = text;
  toasts.append(toast);
}

function again(form) {
  const count = tries.get(form) ?? 0;
  if (count >= PAUSES.length) {
    tries.delete(form);
    form.classList.remove("is-checking");
    say(words().uncertain);
    return;
  }
  tries.set(form, count + 1);
  form.classList.add("is-checking");
  say(words().checking);
  setTimeout(() => form.isConnected && form.requestSubmit(), PAUSES[count]);
}

function formOf(event) {
  const element = event.detail?.ctx?.sourceElement ?? event.target;
  return element?.closest?.("form[data-retry]");
}

export function startRetry() {
  document.addEventListener("htmx:error", (event) => {
    const form = formOf(event);
    if (form && event.detail?.ctx) again(form);
  });
  document.addEventListener("htmx:before:swap", (event) => {
    const form = formOf(event);
    if (!form) return;
    const status = event.detail?.ctx?.response?.raw?.status ?? event.detail?.ctx?.response?.status ?? 200;
    if (status === 503 || status === 502 || status === 504) {
      event.preventDefault();
      again(form);
      return;
    }
    tries.delete(form);
    form.classList.remove("is-checking");
    say("");
  });
}
