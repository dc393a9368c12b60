// The theme switch of the demo pages, and the questions of the tour. In the head, so that a chosen theme is there before anything is painted.
(function () {
  "use strict";
  const page = document.documentElement;
  const key = "demo-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");

  function kept() {
    try {
      return localStorage.getItem(key);
    } catch {
      return null;
    }
  }

  function isDark() {
    return page.dataset.theme ? page.dataset.theme === "dark" : system.matches;
  }

  const theme = kept();
  if (theme === "light" || theme === "dark") page.dataset.theme = theme;

  document.addEventListener("DOMContentLoaded", () => {
    for (const asks of document.querySelectorAll(".asks")) {
      asks.addEventListener("click", () => window.PRPGuide?.ask(asks.textContent));
    }
    const button = document.getElementById("theme");
    const show = () => button.setAttribute("aria-pressed", String(isDark()));
    button.hidden = false;
    show();
    system.addEventListener("change", show);
    button.addEventListener("click", () => {
      page.dataset.theme = isDark() ? "light" : "dark";
      show();
      try {
        localStorage.setItem(key, page.dataset.theme);
      } catch {
        /* chosen for this page only */
      }
    });
  });
})();
