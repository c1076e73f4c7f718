/* style.js — the papers of a body: its form, and the sheet shown beside it.
 *
 *   template[data-sheet]          a sheet that htmx brought in, to be opened in a shadow root
 *   [data-parts] [data-part]      a part of a paper, moved up or down where it stands
 *   [data-max]                    a file heavier than that (bytes) is put back at once
 */
import { announce } from "./page.js";

/* A style of another answer carries another nonce: the sheet takes its words, not its element. */
function open(template) {
  const host = template.parentElement;
  const style = template.content.querySelector("style");
  const told = new CSSStyleSheet();
  told.replaceSync(style?.textContent || "");
  style?.remove();
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [told];
  root.append(template.content);
  template.remove();
}

let scrolled = 0;
document.addEventListener("htmx:beforeSwap", ({ target }) => (scrolled = target.scrollTop));
document.addEventListener("htmx:afterSwap", ({ target }) => {
  target.querySelectorAll("template[data-sheet]").forEach(open);
  target.scrollTop = scrolled;
});

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-part]");
  if (!button) return;
  event.preventDefault();
  const row = button.closest("li");
  const list = row.parentElement;
  const isUp = button.dataset.part === "up";
  const other = isUp ? row.previousElementSibling : row.nextElementSibling;
  if (!other) return;
  if (isUp) other.before(row);
  else other.after(row);
  const rows = [...list.children];
  for (const [rank, each] of rows.entries()) {
    each.querySelector("[data-part=up]").ariaDisabled = rank === 0 ? "true" : null;
    each.querySelector("[data-part=down]").ariaDisabled = rank === rows.length - 1 ? "true" : null;
  }
  button.focus();
  announce(`Rang ${rows.indexOf(row) + 1} sur ${rows.length}`);
  button.form.dispatchEvent(new Event("change"));
});

document.addEventListener("change", (event) => {
  const field = event.target.closest?.("input[data-max]");
  if (!field) return;
  const [file] = field.files;
  const isTooHeavy = file && file.size > Number(field.dataset.max);
  const words = field.form.querySelector("[data-too-heavy]");
  words.hidden = !isTooHeavy;
  words.textContent = isTooHeavy
    ? `« ${file.name} » dépasse ${field.dataset.maxWords} : réduisez l’image.`
    : "";
  if (isTooHeavy) field.value = "";
}, true);
