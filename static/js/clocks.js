// Two clocks: the success screen that goes back to the idle one, and the lock that opens again.

let timer = 0;

function seconds(left) {
  return `${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")}`;
}

function tick() {
  clearInterval(timer);
  const link = document.querySelector("[data-idle-after]");
  const lock = document.querySelector("[data-opens-in]");
  if (!link && !lock) return;
  let left = Number(link ? link.dataset.idleAfter : lock.dataset.opensIn);
  const shown = (link ?? lock).querySelector("[data-left]");
  const show = () => shown && (shown.textContent = link ? String(left) : seconds(left));
  show();
  timer = setInterval(() => {
    left -= 1;
    show();
    if (left > 0) return;
    clearInterval(timer);
    if (link) link.click();
    else lock.querySelector("a")?.click();
  }, 1000);
}

export function startClocks() {
  tick();
  document.addEventListener("htmx:after:swap", tick);
  // Any touch means that somebody is still looking.
  document.addEventListener("pointerdown", () => {
    if (!document.querySelector("[data-idle-after]")) return;
    clearInterval(timer);
    document.querySelector("[data-idle-after] [data-left]")?.replaceChildren();
  });
}
