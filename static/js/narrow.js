/* narrow.js — a long roll, narrowed to the names that hold what is typed.
 *
 *   [data-narrows][hidden] input   shown where there is script; Escape empties it
 *   [data-none][hidden]            beside it, shown when nobody is left
 *   .seat [data-name]              one person, by his name alone, without regard to accents or to order
 *   .roll-column, h3               hidden with the last of its people; what htmx brings is narrowed too
 *   details.roll-column            of a long roll, on a telephone, folded until it is opened or sought in
 */
import { announce } from "./page.js";

const box = document.querySelector("[data-narrows]");
const field = box?.querySelector("input");
const PAUSE = 600; // ms: what is told is what was typed last

function folded(words) {
  return words.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
}

// A long roll is, on a telephone, the names of its colleges, and who is to be invited their number:
// one is opened, or a name is sought.
const MANY = 20;
const isSmall = matchMedia("(max-width: 47.99rem)");
const opened = new Set(); // by their titles: what htmx brings is all open
const columns = () => [...document.querySelectorAll(".roll-column")];

function fold() {
  const folds = columns().filter((each) => each.matches("details"));
  const isFolded = folds.length > 1 || document.querySelector("details [data-ticks]");
  const isLong = isFolded && document.querySelectorAll(".roll-people .seat").length > MANY;
  const isSought = Boolean(field?.value.trim() || document.querySelector("#sans-reponse:checked"));
  if (!isLong || !isSmall.matches) return;
  for (const each of folds) each.open = isSought || opened.has(each.getAttribute("aria-labelledby"));
}
document.addEventListener("click", (event) => {
  const each = event.target.closest(".roll-column > summary")?.parentElement;
  if (each) opened[each.open ? "delete" : "add"](each.getAttribute("aria-labelledby"));
});
document.querySelector("#sans-reponse")?.addEventListener("change", fold);
// Before it is painted: the page does not jump under whoever points.
document.addEventListener("htmx:afterSwap", fold);
fold();

let later;
function narrow() {
  const sought = folded(field.value).split(/\s+/).filter(Boolean);
  fold();
  const seats = [...document.querySelectorAll(".roll-people .seat")];
  for (const seat of seats) {
    const told = folded(seat.querySelector("[data-name]")?.dataset.name || "");
    seat.hidden = !sought.every((word) => told.includes(word));
  }
  for (const list of document.querySelectorAll(".roll-people")) {
    const isEmpty = sought.length > 0 && !list.querySelector(".seat:not([hidden])");
    list.hidden = isEmpty;
    const title = list.previousElementSibling;
    if (title) title.hidden = isEmpty;
  }
  for (const column of columns()) column.hidden = sought.length > 0 && !column.querySelector(".seat:not([hidden])");
  const none = box.parentElement.querySelector("[data-none]");
  const count = seats.filter((seat) => !seat.hidden).length;
  if (none) none.hidden = !sought.length || count > 0;
  clearTimeout(later);
  if (sought.length) later = setTimeout(() => announce(count > 1 ? `${count} noms` : count ? "1 nom" : "Personne de ce nom"), PAUSE);
}

if (field) {
  box.hidden = false;
  field.addEventListener("input", narrow);
  field.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !field.value) return;
    event.preventDefault();
    field.value = "";
    narrow();
  });
  document.addEventListener("htmx:afterSettle", narrow);
  narrow();
}
