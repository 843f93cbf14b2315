// No answer is no answer: the same form, with the same key, is sent again. The server counts it once.

const PAUSES = [300, 600, 1200, 2400, 3500];
const LONGEST = 8000;
const PATIENCE = 1500;
const PASSING = [429, 502, 503, 504];
const sent = new WeakMap();
let unanswered = null;

const panel = () => document.querySelector("[data-waiting]");

function show(state) {
  const place = panel();
  if (!place) return;
  place.hidden = !state;
  place.dataset.state = state;
  for (const words of place.querySelectorAll("[data-when]")) words.toggleAttribute("data-shown", words.dataset.when === state);
}

// Whether a form is on its way whose answer isn't known yet.
export function isWriting() {
  return Boolean(document.querySelector("form[data-retry].htmx-request, form.is-checking"));
}

function formOf(event) {
  return event.detail?.ctx?.sourceElement?.closest?.("form[data-retry]");
}

function settled(form) {
  clearTimeout(sent.get(form)?.slow);
  sent.delete(form);
  form.classList.remove("is-checking");
  show("");
}

function started(form) {
  const tries = sent.get(form) ?? { count: 0, since: performance.now() };
  clearTimeout(tries.slow);
  // A slow answer is spoken of before it is given up.
  tries.slow = setTimeout(() => form.isConnected && show("checking"), tries.count ? 0 : PATIENCE);
  sent.set(form, tries);
}

function again(form, pause) {
  const tries = sent.get(form) ?? { count: 0, since: performance.now() };
  clearTimeout(tries.slow);
  if (tries.count >= PAUSES.length || performance.now() - tries.since >= LONGEST) {
    sent.delete(form);
    form.classList.remove("is-checking");
    unanswered = form;
    show("uncertain");
    form.dispatchEvent(new Event("till:uncertain", { bubbles: true }));
    panel()?.querySelector("[data-again]")?.focus();
    return;
  }
  form.classList.add("is-checking");
  show("checking");
  setTimeout(() => form.isConnected && form.requestSubmit(), Math.max(pause, PAUSES[tries.count]));
  sent.set(form, { ...tries, count: tries.count + 1 });
}

function failed(event) {
  const context = event.detail?.ctx;
  // With the text at hand the answer came, and something else went wrong.
  if (!context || context.text !== undefined) return;
  const form = formOf(event);
  if (form) return again(form, 0);
  if (!panel()) return;
  unanswered = context.sourceElement;
  show("silent");
}

function answered(event) {
  const context = event.detail?.ctx;
  const form = formOf(event);
  if (!form) return show("");
  const status = context.response?.status ?? 200;
  const wait = Number(context.response?.headers?.get("Retry-After") ?? 0);
  if ((PASSING.includes(status) || (status === 409 && wait)) && wait <= 5) {
    event.preventDefault();
    return again(form, wait * 1000);
  }
  settled(form);
}

function press(event) {
  const button = event.target.closest?.("[data-again], [data-leave]");
  if (!button) return;
  const from = unanswered;
  unanswered = null;
  show("");
  if (button.dataset.leave !== undefined) return location.assign(document.querySelector(".till__shop").href);
  if (!from?.isConnected) return;
  if (from.matches("form")) from.requestSubmit();
  else if (from.matches("a")) from.click();
  else from.form?.requestSubmit();
}

export function startRetry() {
  document.addEventListener("htmx:before:request", (event) => {
    const form = formOf(event);
    if (form) started(form);
  });
  document.addEventListener("htmx:error", failed);
  document.addEventListener("htmx:before:swap", answered);
  document.addEventListener("click", press);
}
