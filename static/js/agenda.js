/* agenda.js — the order of the agenda, by drag and by keyboard.
 *
 *   <ol class="agenda" data-agenda>
 *     <li class="point" data-key="p1" data-depth="0" data-url="/…/deplacer/">   one row of the tree,
 *       … <span class="grip"> … <button data-move="up|down|in|out">             flat, in order
 *
 * Drag by .grip (the horizontal place says how deep), or Alt + arrows on anything of the row, or
 * its buttons. A key or a button posts its {move} to data-url, a drag {parent, position}: the key of
 * the new parent ("" for none) and the rank among its children; the answer replaces the nearest
 * element with an id.
 */
import { announce, toast } from "./page.js";

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

async function send(row, values, { control = null, isUndo = false } = {}) {
  const list = row.closest("[data-agenda]");
  const target = list.closest("[id]");
  const key = row.dataset.key;
  const before = place(row);
  const move = control?.dataset.move;
  await htmx.ajax("POST", row.dataset.url, {
    source: row,
    target,
    swap: "outerHTML",
    values,
  });
  const moved = document.querySelector(`[data-agenda] [data-key="${CSS.escape(key)}"]`);
  if (!moved) return;
  (moved.querySelector(move ? `[data-move=${move}]` : ".point-title") || moved).focus();
  const after = place(moved);
  if (after.parent === before.parent && after.position === before.position) return;
  const number = moved.querySelector(".point-number")?.textContent.trim();
  const rank = number && number !== "•" ? `numéro ${number}` : `rang ${after.position + 1}`;
  announce(`« ${titleOf(moved)} » : ${rank}`);
  if (!isUndo) toast("Point déplacé.", { undo: () => send(moved, before, { isUndo: true }) });
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
