/* ticks.js — people that are ticked: all or none at once, and how many.
 *
 *   [data-ticks]              the list; only who is in sight (narrow.js) is ticked or not with the others
 *   [data-ticks-all][hidden]  a box for all of them, shown where there is script
 *   [data-ticks-lines]        where others are written, one on a line
 *   [data-ticks-told]         where the number is told: its words while nobody is ticked, then those of
 *                             data-one, or of data-many where « # » is the number
 */
const list = document.querySelector("[data-ticks]");
const every = document.querySelector("[data-ticks-all]");
const lines = document.querySelector("[data-ticks-lines]");
const told = document.querySelector("[data-ticks-told]");
const none = told?.textContent;

function boxes(which = "") {
  return [...list.querySelectorAll(`.seat${which} input[type=checkbox]`)];
}

function tell() {
  const ticked = boxes().filter((box) => box.checked).length;
  const all = every.querySelector("input");
  all.checked = ticked === boxes().length;
  all.indeterminate = ticked > 0 && !all.checked;
  const written = lines.value.split("\n").filter((line) => line.trim()).length;
  const count = ticked + written;
  told.textContent = [none, told.dataset.one][count] ?? told.dataset.many.replace("#", count);
}

if (list) {
  every.hidden = false;
  every.addEventListener("change", (event) => {
    for (const box of boxes(":not([hidden])")) box.checked = event.target.checked;
    tell();
  });
  list.addEventListener("change", tell);
  lines.addEventListener("input", tell);
  tell();
}
