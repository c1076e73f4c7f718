/* agenda.js — the agenda by keyboard: its order, what is done to several points, its list of titles.
 *
 *   <ol class="agenda" data-agenda>
 *     <li class="point" data-key="p1" data-depth="0" data-url="/…/deplacer/">   one row of the tree,
 *       … <span class="grip"> … <button data-move="up|down|in|out">             flat, in order
 *   <textarea data-titles>   Enter sends it; a list that is pasted keeps its lines
 *   <button data-take-back>  Ctrl+Z presses it
 *
 * Drag by .grip (the horizontal place says how deep), or Alt + arrows on anything of the row, or
 * its buttons. A key or a button posts its {move} to data-url, a drag {parent, position}: the key of
 * the new parent ("" for none) and the rank among its children; the answer replaces the nearest
 * element with an id. On a row, arrows go to the next, X ticks it, Shift X all of them, D and Delete
 * do to it, or to those that are ticked, what the buttons of the same form do. A click with Shift
 * ticks as far as there; [data-tick-all] ticks them all.
 */
import { announce } from "./page.js";
import { areAsleep } from "./shortcuts.js";

const KEYS = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };

const rowsOf = (list) => [...list.querySelectorAll(":scope > .point[data-key]")];
const depthOf = (row) => Number(row.dataset.depth);
const titleOf = (row) => row.querySelector(".point-title").textContent.trim();

/** The row under which this one stands, among `rows`; undefined at the root. */
function parentOf(row, rows) {
  return rows
    .slice(0, rows.indexOf(row))
    .reverse()
    .find((other) => depthOf(other) < depthOf(row));
}

function childrenOf(parent, rows) {
  return rows.filter((row) => parentOf(row, rows) === parent);
}

/** The row and all that stands under it. */
function withSubItems(row, rows) {
  const from = rows.indexOf(row);
  const length = rows.slice(from + 1).findIndex((other) => depthOf(other) <= depthOf(row));
  return rows.slice(from, length < 0 ? undefined : from + 1 + length);
}

function place(row) {
  const rows = rowsOf(row.parentElement);
  const parent = parentOf(row, rows);
  return { parent: parent?.dataset.key || "", position: childrenOf(parent, rows).indexOf(row) };
}

async function send(row, values, { control = null } = {}) {
  const list = row.closest("[data-agenda]");
  const target = list.closest("[id]");
  const key = row.dataset.key;
  const move = control?.dataset.move;
  await htmx.ajax("POST", row.dataset.url, {
    source: row,
    target,
    swap: "outerHTML",
    values,
  });
  const moved = document.querySelector(`[data-agenda] [data-key="${CSS.escape(key)}"]`);
  if (!moved) return;
  // Once the part has settled, htmx would take the focus from the button under the hand.
  document.querySelector("[data-agenda] [autofocus]")?.removeAttribute("autofocus");
  (moved.querySelector(move ? `[data-move=${move}]` : ".point-title") || moved).focus();
  const number = moved.querySelector(".point-number")?.textContent.trim();
  const rank = number && number !== "•" ? `numéro ${number}` : `rang ${place(moved).position + 1}`;
  announce(`« ${titleOf(moved)} » : ${rank}`);
}

function go(row, move, control) {
  const isOpen = row.querySelector(`[data-move=${move}]:not([aria-disabled])`);
  if (isOpen) send(row, { move }, { control });
  else announce("Ce point ne peut pas aller plus loin dans ce sens.");
}

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("[data-agenda] [data-move]");
  if (!button) return;
  event.preventDefault(); // without this script the button posts its form
  go(button.closest(".point"), button.dataset.move, button);
});
document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-agenda] .point[data-key]");
  if (!row || !event.altKey || event.ctrlKey || event.metaKey || !KEYS[event.key]) return;
  event.preventDefault();
  go(row, KEYS[event.key], event.target.closest("[data-move]"));
});

/* --- One key on a row, or on those that are ticked ------------------------------------------- */

function does(row, act) {
  const button = document.querySelector(`#lot [name=act][value=${act}]`);
  if (!button) return;
  if (!document.querySelector(".point-tick:checked")) row.querySelector(".point-tick").checked = true;
  button.click(); // htmx takes the value of a button that was clicked
}

function goTo(row, step) {
  const rows = rowsOf(row.parentElement);
  rows[rows.indexOf(row) + step]?.querySelector(".point-title").focus();
}

const ticksOf = (state) => [...document.querySelectorAll(`.point-tick${state}`)];

function counted() {
  const count = ticksOf(":checked").length;
  return count > 1 ? `${count} points cochés` : `${count} point coché`;
}

function ticks(row, event) {
  if (event.shiftKey) return tickAll();
  const tick = row.querySelector(".point-tick");
  tick.checked = !tick.checked;
  announce(`« ${titleOf(row)} » ${tick.checked ? "coché" : "décoché"} : ${counted()}`);
}

/** All that is discussed, sections aside; or nothing when it all is already. */
function tickAll() {
  const all = [...document.querySelectorAll(".point:not(.point-section) .point-tick")];
  const isEverything = all.every((tick) => tick.checked);
  for (const tick of ticksOf("")) tick.checked = !isEverything && all.includes(tick);
  announce(counted());
}

const ACTS = {
  ArrowUp: (row) => goTo(row, -1),
  ArrowDown: (row) => goTo(row, 1),
  Delete: (row) => does(row, "retirer"),
  d: (row) => does(row, "dupliquer"),
  x: ticks,
};

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-agenda] .point[data-key]");
  if (!row || event.altKey || event.ctrlKey || event.metaKey || event.defaultPrevented) return;
  if (event.target.matches("select, textarea, input:not(.point-tick)")) return;
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (!ACTS[key] || (key.length === 1 && areAsleep())) return;
  event.preventDefault();
  ACTS[key](row, event);
});

let last = null; // the tick from which Shift goes

document.addEventListener("click", (event) => {
  if (event.target.closest?.("[data-tick-all]")) tickAll();
  const tick = event.target.closest?.(".point-tick");
  if (!tick) return;
  const all = ticksOf("");
  if (event.shiftKey && all.includes(last)) {
    const [from, to] = [all.indexOf(last), all.indexOf(tick)].sort((a, b) => a - b);
    for (const each of all.slice(from, to + 1)) each.checked = tick.checked;
  }
  announce(counted());
  last = tick;
});

/* --- Titles, and the last act taken back ----------------------------------------------------- */

document.addEventListener("keydown", (event) => {
  const field = event.target.closest?.("textarea[data-titles]");
  if (!field || event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  field.form.requestSubmit();
});

document.addEventListener("keydown", (event) => {
  const isUndo = (event.ctrlKey || event.metaKey) && !event.shiftKey && event.key.toLowerCase() === "z";
  const button = isUndo && !event.defaultPrevented && document.querySelector("[data-take-back]");
  // While one types, Ctrl+Z is the field's own.
  const isTyping = event.target.isContentEditable || event.target.value;
  if (!button || (isTyping && event.target.matches("input:not(.point-tick), textarea, [contenteditable=true]"))) return;
  event.preventDefault();
  button.click();
});

/* --- Drag ---------------------------------------------------------------------------------- */

class Drag {
  constructor(grip, event) {
    this.row = grip.closest(".point");
    this.list = this.row.parentElement;
    this.all = rowsOf(this.list);
    this.held = withSubItems(this.row, this.all);
    this.others = this.all.filter((row) => !this.held.includes(row));
    this.startX = event.clientX;
    this.step = this.indent();
    this.line = document.createElement("li");
    this.line.className = "landing";
    this.line.setAttribute("aria-hidden", "true");
    this.list.append(this.line);
    this.list.classList.add("is-sorting");
    for (const row of this.held) row.classList.add("is-dragged");
    this.move(event);
  }

  indent() {
    const value = getComputedStyle(this.list).getPropertyValue("--step").trim() || "2.25rem";
    return parseFloat(value) * parseFloat(getComputedStyle(document.documentElement).fontSize);
  }

  move(event) {
    const at = this.others.filter((row) => {
      const box = row.getBoundingClientRect();
      return box.top + box.height / 2 < event.clientY;
    }).length;
    const above = this.others[at - 1];
    const below = this.others[at];
    const deepest = above ? depthOf(above) + 1 : 0;
    const shallowest = below ? depthOf(below) : 0;
    const wished = depthOf(this.row) + Math.round((event.clientX - this.startX) / this.step);
    const depth = Math.max(shallowest, Math.min(deepest, wished));
    const before = this.others.slice(0, at);
    const parent = [...before].reverse().find((row) => depthOf(row) < depth);
    this.found = {
      parent: parent?.dataset.key || "",
      position: before.filter((row) => parentOf(row, this.others) === parent && depthOf(row) === depth)
        .length,
    };
    const frame = this.list.getBoundingClientRect();
    const y = above ? above.getBoundingClientRect().bottom : frame.top;
    this.line.style.top = `${y - frame.top - 1}px`;
    this.line.style.left = `${depth * this.step}px`;
    if (event.clientY < 72) scrollBy(0, -14);
    if (event.clientY > innerHeight - 72) scrollBy(0, 14);
  }

  end(isDropped) {
    this.line.remove();
    this.list.classList.remove("is-sorting");
    for (const row of this.held) row.classList.remove("is-dragged");
    if (!isDropped) return;
    const { parent, position } = place(this.row);
    const isSame = this.found.parent === parent && this.found.position === position;
    if (!isSame) send(this.row, this.found);
  }
}

let drag = null;

function stop(isDropped) {
  drag?.end(isDropped);
  drag = null;
}

document.addEventListener("pointerdown", (event) => {
  const grip = event.target.closest?.("[data-agenda] .grip");
  if (!grip || event.button !== 0) return;
  event.preventDefault();
  grip.setPointerCapture(event.pointerId);
  drag = new Drag(grip, event);
});
document.addEventListener("pointermove", (event) => drag?.move(event));
document.addEventListener("pointerup", () => stop(true));
document.addEventListener("pointercancel", () => stop(false));
document.addEventListener("keydown", (event) => drag && event.key === "Escape" && stop(false));
