/* administration.js — a name for what Django's own lists of suggestions leave without one.
 *
 * select2 draws, for a field that searches as one types, boxes that say neither what they are for
 * nor what they lead to; WCAG 4.1.2 asks for both. They come and go: each is told as it comes.
 * The tables in a form have columns and boxes without a word. A field that takes a file is that of
 * every page (files.js dresses those that come).
 */

import { dress } from "./files.js";

for (const field of document.querySelectorAll("#content input[type=file]")) field.classList.add("form-control");
dress(document);

for (const head of document.querySelectorAll("#content table thead th:empty, #content table thead th.original")) {
  if (head.textContent.trim()) continue;
  const words = document.createElement("span");
  words.className = "visually-hidden";
  words.textContent = head.matches(".original") ? "Fiche" : "Modifier";
  head.append(words);
}
// On a telephone each cell of such a table stands under the name of its column.
for (const table of document.querySelectorAll("#content .inline-group table")) {
  const names = [...table.tHead.rows[0].cells].map((head) => head.textContent.trim());
  for (const row of table.tBodies[0].rows) {
    if (row.cells.length < names.length) continue;
    for (const [place, cell] of [...row.cells].entries()) {
      if (!cell.matches(".original, .hidden")) cell.dataset.label = names[place].replace(/ ?\?$/, "");
    }
  }
}
// Django says « Modification » here, « Afficher » there, of one and the same page.
for (const link of document.querySelectorAll("#content .original :is(.inlinechangelink, .inlineviewlink)")) {
  link.textContent = "Ouvrir";
}
// The name of a field stands above it: nothing follows on its line.
for (const label of document.querySelectorAll("#content .form-row label:not(:has(*))")) {
  label.textContent = label.textContent.replace(/\s*:\s*$/, "");
}
for (const tick of document.querySelectorAll("#content td.delete input[type=checkbox]")) {
  tick.setAttribute("aria-label", "Supprimer");
}

const MARKS = ["aria-owns", "aria-expanded"];

function labelOf(box) {
  const [, id] = (box.id || "").match(/^select2-(.+)-container$/) || [];
  return id && document.querySelector(`label[for="${CSS.escape(id)}"]`)?.textContent.trim();
}

function set(element, name, value) {
  if (value && element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function tell() {
  for (const box of document.querySelectorAll(".select2-selection__rendered")) {
    const words = labelOf(box);
    if (!words) continue;
    const [combo, chosen] = [box.closest(".select2-selection"), box.textContent.replace("×", "").trim()];
    combo.removeAttribute("aria-labelledby");
    set(combo, "aria-label", chosen ? `${words}\u00a0: ${chosen}` : words);
    set(combo, "aria-controls", combo.getAttribute("aria-owns"));
    set(box, "role", "none");
    box.removeAttribute("aria-readonly");
  }
  for (const list of document.querySelectorAll("body > .select2-container")) {
    const combo = document.querySelector(".select2-container--open .select2-selection[aria-label]");
    if (!combo) continue;
    const words = combo.getAttribute("aria-label");
    set(list, "role", "dialog");
    set(list, "aria-label", words);
    for (const each of list.querySelectorAll(".select2-search__field, .select2-results__options")) {
      set(each, "aria-label", words);
    }
  }
}

new MutationObserver(tell).observe(document.documentElement, {
  subtree: true,
  childList: true,
  attributeFilter: MARKS,
});
