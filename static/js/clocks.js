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
  const left = Number(link ? link.dataset.idleAfter : lock.dataset.opensIn);
  const shown = (link ?? lock).querySelector("[data-left]");
  const until = performance.now() + left * 1000;
  const show = () => {
    const rest = Math.max(0, Math.ceil((until - performance.now()) / 1000));
    if (shown) shown.textContent = link ? String(rest) : seconds(rest);
    return rest;
  };
  show();
  // Measured, not counted: a tablet that slept doesn't wait anew.
  timer = setInterval(() => {
    if (show() > 0) return;
    clearInterval(timer);
    if (link) link.click();
    else lock.querySelector("a")?.click();
  }, 250);
}

// Any touch or key means that somebody is still looking.
function stop() {
  const link = document.querySelector("[data-idle-after]");
  if (!link) return;
  clearInterval(timer);
  link.dataset.stopped = "";
}

export function startClocks() {
  tick();
  document.addEventListener("htmx:after:swap", tick);
  document.addEventListener("pointerdown", stop);
  document.addEventListener("keydown", stop);
}
