/* dialogs.js — Windows: filled from the page, sent as one act. */
import { singleKeys } from "../shortcuts.js";
import { inTurn, submit } from "./acting.js";
import { describe, makeSure, showFindings } from "./findings.js";
import { readHour } from "./names.js";
import { here, input, moment, people, points } from "./screen.js";

const JOINED = new Set(["clerks", "items", "members", "present", "sure"]);

function option(value, words) {
  const made = document.createElement("option");
  made.value = value;
  made.textContent = words;
  return made;
}

function box(name, value, words, isChecked) {
  const [row, tick, label] = ["div", "input", "label"].map((tag) => document.createElement(tag));
  row.className = "form-check";
  Object.assign(tick, { type: "checkbox", name, value, id: `${name}-${value}`, checked: isChecked });
  tick.className = "form-check-input";
  label.className = "form-check-label";
  label.htmlFor = tick.id;
  label.textContent = words;
  row.append(tick, label);
  return row;
}

/** Every opening begins from the item under discussion: nothing is kept of the one before. */
function fill(dialog) {
  const now = moment();
  if (dialog.id !== "dialog-election") dialog.querySelector("form").reset();
  const room = people().filter((each) => now.present.includes(each.dataset.key));
  const values = {
    chair: now.chair,
    "clerk-1": now.clerks[0] || "",
    "clerk-2": now.clerks[1] || "",
    item: now.item,
    successor: now.successor,
    poll: now.poll?.pk ?? "",
    ...now.usual,
  };
  for (const select of dialog.querySelectorAll("[data-people]")) {
    const nobody = select.dataset.optional === undefined ? [] : [option("", "—")];
    const who = select.dataset.people === "room" ? room : people();
    const isList = select.localName === "datalist";
    select.replaceChildren(
      ...nobody,
      ...who.map((each) => option(isList ? each.dataset.name : each.dataset.key, isList ? "" : each.dataset.name)),
    );
  }
  for (const field of dialog.querySelectorAll("[data-value]")) {
    const value = values[field.dataset.value] ?? "";
    if (field.type === "radio") field.checked = field.value === value;
    else field.value = value;
  }
  for (const row of dialog.querySelectorAll("[data-needs=item]")) row.hidden = !now.item;
  dialog.querySelector("[data-points]")?.replaceChildren(
    ...points()
      .filter((each) => now.awaiting.includes(each.dataset.point))
      .map((each) => box("items", each.dataset.point, `${each.dataset.number} ${each.dataset.title}`.trim(), true)),
  );
  dialog
    .querySelector("[data-requesters]")
    ?.replaceChildren(...room.map((each) => box("members", each.dataset.key, each.dataset.name, false)));
  const remaining = dialog.querySelector("[data-remaining]");
  if (remaining) {
    const left = points().filter((each) => now.unsettled.includes(each.dataset.point));
    remaining.textContent = left.length
      ? `Sans vote ni suite encore\u00a0: ${left.map((each) => each.dataset.number || each.dataset.title).join(", ")}.`
      : "Chaque point a son vote ou sa suite.";
  }
  makeSure(dialog, "");
  showModes();
  if (dialog.id === "dialog-election") fillElection(dialog, now);
  showSecrecy(dialog);
  total(dialog);
}

/* A candidate, chosen among the members or not, goes to the round that is being filled. */
const candidate = document.getElementById("election-add");
candidate.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !candidate.value.trim()) return;
  event.preventDefault();
  event.stopPropagation();
  const rounds = [...candidate.form.querySelectorAll("textarea[name^=round_]")];
  const held = rounds.filter((_, n) => moment().election?.[`round_${n + 1}`]).length;
  const round = rounds.findLast((each, n) => n >= held && each.value.trim()) || rounds[Math.min(held, 2)];
  const before = round.value.trim() ? `${round.value.trimEnd()}\n` : "";
  round.value = `${before}${candidate.value.trim()}\u00a0: `;
  candidate.value = "";
  round.focus();
  round.setSelectionRange(round.value.length, round.value.length);
});

/** The rounds already told come back in the window, so that the next is added to them; what is
 * being typed stays as long as it is of the same item, and nothing else was told of it. */
function fillElection(dialog, now) {
  const told = JSON.stringify([now.item, now.election, now.elections]);
  if (dialog.dataset.told === told) return;
  const form = dialog.querySelector("form");
  form.reset();
  dialog.dataset.told = told;
  form.elements.item.value = now.item;
  const { secrecy } = form.elements;
  for (const each of secrecy.options) each.hidden = each.disabled = !now.secrecies.includes(each.value);
  secrecy.value = now.secrecies[0];
  form.elements.title.value = now.office;
  for (const [name, value] of Object.entries(now.election || {})) {
    const field = form.elements[name];
    if (field?.multiple) for (const each of field.options) each.selected = value.includes(each.value);
    else if (field) field.value = value;
  }
  form.querySelector("details").open = Boolean(now.election?.lists || now.asked);
  const asked = form.querySelector("[data-asked]");
  asked.hidden = !now.asked;
  for (const [name, words] of Object.entries(now.asked || {})) asked.querySelector(`[data-asked-${name}]`).textContent = words;
}

/** An item that elects the executive is not voted itself: other modes are for a question on it. */
const question = document.getElementById("poll-question");
question.addEventListener("input", showModes);

function showModes() {
  const isElection = moment().elects && !question.value.trim();
  for (const each of question.form.elements.mode) each.disabled = isElection && each.value !== "secret";
  question.form.querySelector("[data-elects]").hidden = !moment().elects;
}

/** What is asked for one manner of secrecy only: who did not want it waived. */
function showSecrecy(dialog) {
  const secrecy = dialog.querySelector("[name=secrecy]");
  for (const row of dialog.querySelectorAll("[data-secrecy]")) {
    row.hidden = row.dataset.secrecy !== secrecy.value;
    if (row.hidden) row.querySelector("input").value = "";
  }
}

function total(dialog) {
  const place = dialog.querySelector("[data-total]");
  if (!place) return;
  const papers = [...dialog.querySelectorAll("[name^=count_]")].reduce((sum, each) => sum + Number(each.value || 0), 0);
  const voices = moment().poll?.voices ?? 0;
  place.textContent = `${papers} bulletins ou voix sur ${voices}.`;
}

export function openDialog(name, { isPressedAgain = false } = {}) {
  const dialog = document.getElementById(`dialog-${name}`);
  // Enter was pressed again before the window could open: it is the Enter of the window.
  if (dialog.open && isPressedAgain && !sent) dialog.querySelector("form").requestSubmit();
  if (dialog.open) return;
  fill(dialog);
  showFindings(dialog, []);
  dialog.showModal();
  const first = dialog.querySelector("select, input:not([type=hidden], [type=checkbox]), input, button");
  (dialog.querySelector("[autofocus], [type=radio]:checked") || first)?.focus();
}

function collect(form) {
  const fields = new Map();
  const repeated = [];
  for (const [name, value] of new FormData(form)) {
    if (value === "") continue;
    if (JOINED.has(name)) fields.set(name, [fields.get(name), value].filter(Boolean).join(" "));
    else if (name === "tellers") repeated.push([name, value]);
    else if (name === "hour") fields.set(name, readHour(value) || value);
    else fields.set(name, value);
  }
  return [...fields, ...repeated];
}

for (const dialog of document.querySelectorAll(".console-dialog")) {
  for (const help of dialog.querySelectorAll(".field > .form-text, .form-check > .form-text")) {
    describe(help.parentElement.querySelector("input, select, textarea"), help);
  }
  dialog.querySelector("[data-single-keys]")?.append(singleKeys());
  dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  // Told after the next key, perhaps: a menu that it opened stays.
  dialog.addEventListener("close", () => here.mode.name === "menu" || input.focus());
  dialog.addEventListener("input", () => {
    makeSure(dialog, "");
    total(dialog);
  });
  dialog.addEventListener("change", () => showSecrecy(dialog));
  // Enter in a list of choices confirms the window, as in a field.
  dialog.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("select, input[type=checkbox], input[type=radio]")) return;
    event.preventDefault();
    dialog.querySelector("form").requestSubmit();
  });
  dialog.querySelector("form").addEventListener("submit", (event) => {
    if (!dialog.dataset.verb) return;
    event.preventDefault();
    const form = event.target;
    const label = dialog.querySelector(".ask-title").textContent;
    // Pressed again after no answer came: the same act, under the same key.
    const key = here.unconfirmed?.dialog === dialog ? here.unconfirmed.key : undefined;
    sent = dialog;
    inTurn(() => submit(dialog.dataset.verb, collect(form), { label, dialog, key })).finally(() => {
      sent = null;
      const pressed = early.splice(0);
      if (!dialog.open) pressed.forEach(press);
    });
  });
}

/* Keys pressed while a window awaits its reply are meant for what comes after it: they wait too.
 * They are dropped if it stays open, for what they followed was not done. */
let sent = null;
const early = [];

document.addEventListener(
  "keydown",
  (event) => {
    if (!sent || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!event.repeat) early.push(event.key);
  },
  true,
);

function press(key) {
  const field = here.mode.name === "menu" ? document.getElementById("commands") : input;
  field.focus();
  if (key.length > 1 || field !== input) {
    field.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true }));
    return;
  }
  here.isShifted = key !== key.toLowerCase();
  input.value += key;
  input.dispatchEvent(new InputEvent("input"));
}
