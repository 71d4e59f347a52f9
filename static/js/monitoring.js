// Keeps what somebody opened open when the page brings itself up to date, and asks for nothing while nobody looks.
(function () {
  "use strict";

  const place = document.querySelector("[data-keeps-open]");
  let open = [];

  document.addEventListener("htmx:beforeRequest", function (event) {
    if (event.detail.elt === place && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (event.detail.target === place) open = Array.from(place.querySelectorAll("details[open]"), (one) => one.id);
  });
  document.addEventListener("htmx:afterSwap", function (event) {
    if (event.detail.target !== place) return;
    open.forEach(function (id) {
      const found = document.getElementById(id);
      if (found) found.open = true;
    });
  });
})();
