/* theme.js — light, dark, or as the system wishes.
 *
 * A classic script that the head waits for: the page must have its colours before it is painted.
 * The choice lives in localStorage; `auto` (nothing stored) follows prefers-color-scheme.
 * The buttons of _footer.html carry data-theme-value.
 */
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");

  function chosen() {
    try {
      return localStorage.getItem("theme") || "auto";
    } catch {
      return "auto";
    }
  }

  function paint() {
    const theme = chosen();
    root.dataset.bsTheme = theme === "auto" ? (dark.matches ? "dark" : "light") : theme;
    for (const button of document.querySelectorAll("[data-theme-value]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeValue === theme));
    }
  }

  root.classList.add("js");
  paint();
  dark.addEventListener("change", paint);
  addEventListener("storage", (event) => event.key === "theme" && paint());
  document.addEventListener("DOMContentLoaded", () => {
    for (const group of document.querySelectorAll("[data-theme-choice]")) {
      group.hidden = false;
      group.addEventListener("click", (event) => {
        const button = event.target.closest("[data-theme-value]");
        if (!button) return;
        try {
          if (button.dataset.themeValue === "auto") localStorage.removeItem("theme");
          else localStorage.setItem("theme", button.dataset.themeValue);
        } catch {
          root.dataset.bsTheme = button.dataset.themeValue;
          return;
        }
        paint();
      });
    }
    paint();
  });
})();
