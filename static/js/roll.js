/* roll.js — the roll by keyboard, and many clicks in a row.
 *
 *   [data-roll] .seat input[type=radio] with the values present, excuse, absent
 *
 * Up and down go from person to person, P / E / A point the one in focus and go to the next, unless
 * single keys were put to sleep.
 * htmx posts each change and swaps the whole attendance; while more changes are waiting their turn
 * the swap is put off, or it would throw away the forms that are still to be sent; while a button is
 * held down too, or its release would press nothing.
 */
import { announce } from "./page.js";
import { areAsleep } from "./shortcuts.js";

const KEYS = { p: "present", e: "excuse", a: "absent" };

function radioOf(seat) {
  return seat.querySelector(".states input:checked") || seat.querySelector(".states input");
}

function neighbour(seat, step) {
  const shown = [...seat.closest("[data-roll]").querySelectorAll(".seat")].filter((each) => each.getClientRects().length);
  const seats = shown.filter(radioOf);
  return seats[seats.indexOf(seat) + step];
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const seat = event.target.closest?.("[data-roll] .seat");
  if (!seat || event.target.matches("input:not([type=radio]), select, textarea")) return;
  const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  const standing = !areAsleep() && KEYS[event.key.toLowerCase()];
  if (step) {
    event.preventDefault();
    const next = neighbour(seat, step);
    if (next) radioOf(next).focus();
  } else if (standing) {
    const radio = seat.querySelector(`.states input[value=${standing}]`);
    if (!radio) return;
    event.preventDefault();
    if (!radio.checked) radio.click();
    const next = neighbour(seat, 1);
    (next ? radioOf(next) : radio).focus();
  }
});

let waiting = 0;
let isHeld = false;
let late = null; // the answer that came while a button was held

document.addEventListener("pointerdown", (event) => {
  isHeld = Boolean(event.target.closest("[data-roll]"));
});
for (const kind of ["pointerup", "pointercancel"]) {
  document.addEventListener(kind, () => {
    isHeld = false;
    // After the click: if it changes somebody, his own answer shows everybody.
    setTimeout(() => {
      if (late && !waiting && !isHeld) htmx.swap(late.target, late.text, { swapStyle: "outerHTML" });
      late = null;
    });
  });
}

document.addEventListener("change", (event) => {
  if (event.target.closest("[data-roll] form[hx-post]")) waiting += 1;
});
document.body.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target?.id !== "presences") return;
  if (event.detail.requestConfig?.elt?.closest?.("[data-roll]")) waiting = Math.max(0, waiting - 1);
  if (waiting && event.detail.xhr.status < 400) event.detail.shouldSwap = false;
  else waiting = 0;
  if (isHeld && event.detail.shouldSwap) {
    event.detail.shouldSwap = false;
    late = { target: event.detail.target, text: event.detail.serverResponse };
  }
});
for (const kind of ["htmx:sendError", "htmx:responseError", "htmx:timeout"]) {
  document.body.addEventListener(kind, (event) => {
    const form = event.detail.requestConfig?.elt;
    if (!form?.closest?.("[data-roll]")) return;
    waiting = 0;
    // The screen must not claim what the server never heard.
    form.reset();
  });
}
document.body.addEventListener("htmx:afterSettle", () => {
  const sentence = document.querySelector("#quorum .quorum-sentence")?.textContent;
  if (sentence && sentence !== announced) {
    if (announced !== null) announce(sentence);
    announced = sentence;
  }
});
let announced = document.querySelector("#quorum .quorum-sentence")?.textContent ?? null;
