// The diff page: keys, and the list that shows which object is open.
(function () {
  "use strict";

  function links() { return Array.from(document.querySelectorAll("#objects .picks > li > a")); }

  function mark(chosen) {
    links().forEach(function (link) {
      if (link === chosen) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
    });
  }

  function open(step) {
    const all = links();
    const now = all.findIndex(function (link) { return link.hasAttribute("aria-current"); });
    const next = all[step > 0 ? now + 1 : Math.max(0, now - 1)];
    if (!next) {
      const more = document.querySelector("#objects .more-objects a");
      if (more) more.click();
      return;
    }
    next.scrollIntoView({ block: "nearest" });
    next.focus({ preventScroll: true });
    next.click();
  }

  // What a link says of a row (?attribute=, or its #) is scrolled to and focused; a fragment of the page has no autofocus.
  function showWanted() {
    const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    const row = document.querySelector("#panel tr[aria-current]") || (named && named.closest("#panel tr, .said li"));
    if (!row) return;
    row.scrollIntoView({ block: "center" });
    row.setAttribute("tabindex", "-1");
    row.focus({ preventScroll: true });
  }

  const keys = {
    j: function () { open(1); },
    k: function () { open(-1); },
    v: function () { const button = document.querySelector("#viewed button"); if (button) button.click(); },
    c: function () {
      const field = document.querySelector("#comments textarea[name=text]");
      if (!field) return;
      field.scrollIntoView({ block: "center" });
      field.focus();
    },
    "/": function () { document.getElementById("search").focus(); },
    "?": function () { document.getElementById("keys").showModal(); }
  };

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, dialog, [contenteditable]")) return;
    const act = Object.prototype.hasOwnProperty.call(keys, event.key) && keys[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });

  document.addEventListener("click", function (event) {
    const link = event.target.closest("#objects .picks > li > a");
    if (link) mark(link);
    if (event.target.closest("[data-keys]")) keys["?"]();
  });

  function revealKeys() {
    document.querySelectorAll("[data-keys]").forEach(function (button) { button.hidden = false; });
  }

  // A search gives a new list: the object that is open stays marked in it.
  document.addEventListener("htmx:afterSettle", function (event) {
    revealKeys();
    if (event.target.id !== "objects") return;
    const panel = document.getElementById("panel");
    if (panel) mark(links().find(function (link) { return link.dataset.key === panel.dataset.key; }));
  });

  revealKeys();
  if (new URLSearchParams(location.search).has("attribute") || location.hash) showWanted();
  const chosen = document.querySelector("#objects .picks > li > a[aria-current]");
  if (chosen) chosen.scrollIntoView({ block: "nearest" });
})();
