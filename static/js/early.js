// Dresses the till as it likes it before anything is painted; loaded as a plain script for that.

globalThis.dressTill = (all) => {
  const root = document.documentElement.dataset;
  for (const [name, usual] of [["mode", "auto"], ["hand", "right"], ["size", "normal"]]) {
    if (typeof all?.[name] === "string" && all[name] !== usual) root[name] = all[name];
    else delete root[name];
  }
};

try {
  globalThis.dressTill(JSON.parse(localStorage.getItem("till")));
} catch {
  // Without storage, or with something odd in it, the till looks as usual.
}
