// The diff page: j and k go to the next and previous object; the chosen one is marked in the list.
(function () {
  "use strict";

  function links() { return Array.from(document.querySelectorAll("#objects .picks a")); }

  function mark(chosen) {
    links().forEach(function (link) {
      if (link === chosen) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
  }

  document.addEventListener("click", function (event) {
    const link = event.target.closest("#objects .picks a");
    if (link) mark(link);
  });

  // A search gives a new list: the object that is open stays marked in it.
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.target.id !== "objects") return;
    const panel = document.getElementById("panel");
    if (panel) mark(links().find(function (link) { return link.dataset.key === panel.dataset.key; }));
  });

  document.addEventListener("keydown", function (event) {
    if ((event.key !== "j" && event.key !== "k") || event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    const all = links();
    const now = all.findIndex(function (link) { return link.hasAttribute("aria-current"); });
    const next = all[event.key === "j" ? now + 1 : Math.max(0, now - 1)];
    if (!next) return;
    next.scrollIntoView({ block: "nearest" });
    next.focus({ preventScroll: true });
    next.click();
  });
})();
