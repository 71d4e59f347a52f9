// Light, dark or the system's: set before the first paint, changed by the button in the bar.
(function () {
  "use strict";
  const order = ["system", "light", "dark"];
  const root = document.documentElement;

  function chosen() {
    try { return localStorage.getItem("theme") || "system"; } catch (error) { return "system"; }
  }

  function apply(theme) {
    if (theme === "system") root.removeAttribute("data-theme"); else root.dataset.theme = theme;
    const name = document.querySelector("[data-theme-name]");
    if (name) name.textContent = theme[0].toUpperCase() + theme.slice(1);
  }

  apply(chosen());
  document.addEventListener("DOMContentLoaded", function () { apply(chosen()); });
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-theme-toggle]")) return;
    const next = order[(order.indexOf(chosen()) + 1) % order.length];
    try { localStorage.setItem("theme", next); } catch (error) { /* a private window: for this page only */ }
    apply(next);
  });
})();
