// The amount pad: digits move in from the right as on a cash register; a comma or a point, typed, starts the cents.
// What the server reads stays what stands in the field, so nothing here is needed to give points.

const HELD = 60;
const MOST = 99_999_999;
let held = "";
let timer = 0;

const pad = () => document.querySelector("[data-amount]");
const language = () => document.documentElement.lang || "en";

function field(form) {
  return form.elements.amount_cents;
}

// Cents of what stands in the field, or nothing when it is no amount.
function cents(text) {
  const found = /^([0-9]{1,6})(?:[.,]([0-9]{1,2}))?$/.exec(text.replace(/[\s'’]/g, ""));
  return found ? Number(found[1]) * 100 + Number((found[2] ?? "").padEnd(2, "0")) : null;
}

function separator() {
  return new Intl.NumberFormat(language()).format(1.5).includes(",") ? "," : ".";
}

function write(form, amount) {
  const text = String(amount).padStart(3, "0");
  field(form).value = amount ? `${text.slice(0, -2)}${separator()}${text.slice(-2)}` : "";
  show(form);
}

// Whole numbers below 2^53 throughout: as exact as the server's.
function show(form) {
  const gives = form.querySelector("[data-gives]");
  gives.dataset.before ??= gives.textContent;
  const amount = cents(field(form).value);
  if (!amount) {
    gives.textContent = gives.dataset.before;
    gives.classList.remove("is-on");
    return;
  }
  const points = Math.floor((amount * Number(form.dataset.rate) + Number(form.dataset.rest)) / 100);
  const rule = new Intl.PluralRules(language()).select(points);
  const words = rule === "one" ? form.dataset.one : form.dataset.other;
  gives.textContent = words.replace("{n}", new Intl.NumberFormat(language()).format(points));
  gives.classList.add("is-on");
}

function type(form, digits) {
  const text = field(form).value;
  const typed = form.dataset.typing;
  if (typed !== undefined) {
    // After a separator: two digits and no more.
    form.dataset.typing = (typed + digits).slice(0, 2);
    write(form, Math.floor((cents(text) ?? 0) / 100) * 100 + Number(form.dataset.typing.padEnd(2, "0")));
    return;
  }
  const amount = Number(String(cents(text) ?? 0) + digits);
  if (amount <= MOST) write(form, amount);
}

function separate(form) {
  if (form.dataset.typing !== undefined) return;
  form.dataset.typing = "";
  const whole = (cents(field(form).value) ?? 0) * 100;
  if (whole <= MOST) write(form, whole);
}

function erase(form) {
  delete form.dataset.typing;
  write(form, Math.floor((cents(field(form).value) ?? 0) / 10));
}

function tap(event) {
  const key = event.target.closest?.("[data-amount] .pad button");
  if (!key) return;
  const form = key.form;
  if (key.dataset.digit !== undefined) type(form, key.dataset.digit);
  else erase(form);
  event.preventDefault();
}

function release() {
  const keys = held;
  held = "";
  const form = pad();
  if (!form || !/^[0-9.,]+$/.test(keys)) return;
  for (const key of keys) {
    if (/[.,]/.test(key)) separate(form);
    else type(form, key);
  }
}

// Keys wait for a moment: a scanned code holds digits too, and they are no amount.
function press(event) {
  const form = pad();
  const other = event.target.matches?.("input:not([name=amount_cents]), textarea, select");
  if (!form || other || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Backspace") erase(form);
  else if (event.key.length === 1 && event.key !== " ") {
    held += event.key;
    clearTimeout(timer);
    timer = setTimeout(release, HELD);
  } else if (event.key === "Enter" && !event.target.matches?.("button, a, summary") && field(form).value) form.requestSubmit();
  else return;
  event.preventDefault();
}

function start() {
  const form = pad();
  if (!form) return;
  // The keys on the screen are enough: a tablet's own keyboard stays away.
  field(form).inputMode = "none";
  show(form);
}

export function startAmounts() {
  document.addEventListener("pointerdown", (event) => {
    if (event.button === 0) tap(event);
  });
  document.addEventListener("click", (event) => {
    if (event.detail === 0) tap(event);
  });
  document.addEventListener("keydown", press);
  document.addEventListener("wedge:scan", () => {
    held = "";
  });
  document.addEventListener("htmx:after:swap", start);
  start();
}
