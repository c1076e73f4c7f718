/* ticks.js — people that are ticked: all or none at once, and how many.
 *
 *   [data-ticks]              the list; only who is in sight (narrow.js) is ticked or not with the others
 *   [data-ticks-all][hidden]  a box for all of them, shown where there is script
 *   [data-ticks-told]         where the number is told
 */
const list = document.querySelector("[data-ticks]");
const every = document.querySelector("[data-ticks-all]");
const told = document.querySelector("[data-ticks-told]");

function boxes(which = "") {
  return [...list.querySelectorAll(`.seat${which} input[type=checkbox]`)];
}

function tell() {
  const ticked = boxes().filter((box) => box.checked).length;
  const all = every.querySelector("input");
  all.checked = ticked === boxes().length;
  all.indeterminate = ticked > 0 && !all.checked;
  told.textContent = ticked ? `\u00a0: ${ticked}` : "";
}

if (list) {
  every.hidden = false;
  every.addEventListener("change", (event) => {
    for (const box of boxes(":not([hidden])")) box.checked = event.target.checked;
    tell();
  });
  list.addEventListener("change", tell);
  tell();
}
