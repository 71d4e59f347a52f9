// <button data-copy="#id">: copies that element's text and says so.
(function () {
  "use strict";
  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const label = button.textContent;
    navigator.clipboard.writeText(document.querySelector(button.dataset.copy).textContent).then(
      function () { button.textContent = "✓ Copied"; },
      function () { button.textContent = "✕ Could not copy: select the text instead"; }
    ).then(function () { setTimeout(function () { button.textContent = label; }, 2000); });
  });
})();
