/* writing.js — minutes written on the sheet itself.
 *
 *   [data-passage]                one text: to be read, or with its editor open
 *   [data-passage-open]           the button that opens the editor; a click on the text presses it
 *   [data-passage-close="URL"]    saves, then reads the text again from there (Ctrl+Enter too)
 *   [data-phrase="words"]         written at the caret of the editor one was last in
 */
import { saveAll } from "./autosave.js";
import { announce } from "./page.js";

let current = null; // the editor one was last in
let comesBack = null; // the text whose button takes the focus once it can be read again

document.addEventListener("focusin", (event) => {
  const box = event.target.closest?.("[data-debate]");
  if (box) current = box;
});

document.addEventListener("click", (event) => {
  const words = event.target.closest?.(".passage-words, .passage-none");
  const isSelecting = !getSelection().isCollapsed;
  if (words && !isSelecting && !event.target.closest("a, button")) {
    words.closest("[data-passage]")?.querySelector("[data-passage-open]")?.click();
  }
});

async function close(button) {
  const passage = button.closest("[data-passage]");
  if (!(await saveAll())) return;
  comesBack = passage.id;
  globalThis.htmx.ajax("GET", button.dataset.passageClose, { target: passage, swap: "outerHTML" });
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-passage-close]");
  if (button) close(button);
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
  const button = event.target.closest?.("[data-passage]")?.querySelector("[data-passage-close]");
  if (!button) return;
  event.preventDefault();
  event.stopPropagation();
  close(button);
}, true);

document.addEventListener("htmx:load", () => {
  const passage = comesBack && document.getElementById(comesBack);
  const button = passage?.querySelector("[data-passage-open]");
  if (!button) return;
  comesBack = null;
  button.focus({ preventScroll: true });
  passage.scrollIntoView({ block: "nearest" });
});

/* The caret stays where it is while a phrase is clicked. */
document.addEventListener("mousedown", (event) => {
  if (event.target.closest?.("[data-phrase]")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-phrase]");
  if (!button) return;
  const box = button.closest("[data-passage]")?.querySelector("[data-debate]") || current;
  if (!box?.isConnected) {
    announce("Ouvrez d’abord un texte : la phrase s’écrit à son curseur.");
    document.querySelector("[data-passage-open]")?.focus();
    return;
  }
  const menu = button.closest("details");
  if (menu) menu.open = false;
  box.dispatchEvent(new CustomEvent("debate:insert", { detail: button.dataset.phrase }));
  announce(`Phrase insérée : ${button.innerText.trim()}`);
});
