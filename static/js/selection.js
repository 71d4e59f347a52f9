// The boxes of the diff page's list: x or space ticks the open object; what is ticked outlives a search and a reload.
(function () {
  "use strict";
  const form = document.getElementById("selection");
  if (!form) return;
  const place = "selection " + location.pathname;
  const longest = 1500; // of an address; what is longer is posted
  const chosen = new Set(stored());

  function stored() {
    try { return JSON.parse(sessionStorage.getItem(place)) || []; } catch (error) { return []; }
  }

  function keep() {
    try { sessionStorage.setItem(place, JSON.stringify(Array.from(chosen))); } catch (error) { /* a private window: for this page only */ }
  }

  function boxes() { return Array.from(document.querySelectorAll("#objects .pick-box")); }

  function show() {
    boxes().forEach(function (box) { box.checked = chosen.has(box.value); });
    form.querySelector("[data-count]").textContent = chosen.size || "";
    form.querySelector("[data-clear]").hidden = !chosen.size;
  }

  function set(key, isChosen) {
    if (isChosen) chosen.add(key); else chosen.delete(key);
    keep();
    show();
  }

  document.addEventListener("change", function (event) {
    if (event.target.matches(".pick-box")) set(event.target.value, event.target.checked);
  });

  document.addEventListener("keydown", function (event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, button, dialog, summary, [contenteditable]")) return;
    const link = event.target.closest("#objects .picks > li > a");
    const open = link || document.querySelector("#objects .picks > li > a[aria-current]");
    if (!open || (event.key !== "x" && !(event.key === " " && link))) return;
    event.preventDefault();
    set(open.dataset.key, !chosen.has(open.dataset.key));
  });

  form.querySelector("[data-clear]").addEventListener("click", function () {
    chosen.clear();
    keep();
    show();
  });

  // Those that the list does not show now belong to the selection, too: one field holds them all, a line each.
  form.addEventListener("submit", function (event) {
    if (!chosen.size) return;
    event.preventDefault();
    const keys = Array.from(chosen);
    const address = form.action + "?" + new URLSearchParams(keys.map(function (key) { return ["select", key]; }));
    if (address.length <= longest) { location.assign(address); return; }
    const post = document.createElement("form");
    post.method = "post";
    post.action = form.action;
    post.append(field("select", keys.join("\n")), field("csrfmiddlewaretoken", document.querySelector("[name=csrfmiddlewaretoken]").value));
    document.body.append(post);
    post.submit();
  });

  function field(name, value) {
    const input = document.createElement("input");
    input.type = "hidden";
    input.name = name;
    input.value = value;
    return input;
  }

  document.addEventListener("htmx:afterSettle", show);
  show();
})();
