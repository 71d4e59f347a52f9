// What every page needs: menus that close, and a sentence when a fragment could not be loaded.
(function () {
  "use strict";

  function closeMenus(except) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (menu !== except) menu.open = false;
    });
  }

  document.addEventListener("click", function (event) { closeMenus(event.target.closest("details.menu")); });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    const open = document.querySelector("details.menu[open]");
    if (open) { open.open = false; open.querySelector("summary").focus(); }
  });

  function alertWith(text) {
    const notice = document.createElement("div");
    notice.className = "notice notice-bad";
    notice.textContent = text;
    document.getElementById("alerts").replaceChildren(notice);
  }

  document.addEventListener("htmx:responseError", function (event) {
    const status = event.detail.xhr.status;
    if (status === 403) alertWith("You may not do this: your session may have ended, or your role does not include it. Reload the page.");
    else alertWith("This part of the page could not be loaded (the server answered " + status + "). Reload the page to try again.");
  });
  document.addEventListener("htmx:sendError", function () {
    alertWith("The server cannot be reached. What is shown here may be out of date; reload the page once it is back.");
  });
  // A session that has ended answers with the login page: that belongs into the whole window.
  document.addEventListener("htmx:beforeSwap", function (event) {
    if (new URL(event.detail.xhr.responseURL, location.href).pathname.startsWith("/accounts/login/")) {
      event.detail.shouldSwap = false;
      location.reload();
    }
  });
  document.addEventListener("htmx:afterSwap", function () { document.getElementById("alerts").replaceChildren(); });
})();
