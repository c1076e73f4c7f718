/* commands.js — What is done to the sitting: its menu, Enter, PageDown, Ctrl+Z. */
import { ask } from "../dialog.js";
import { inTurn, submit } from "./acting.js";
import { openDialog } from "./dialogs.js";
import { openedPoll, takeHour, timed } from "./gestures.js";
import { enter, leave, pick } from "./modes.js";
import { refuse, say } from "./saying.js";
import { focusField, found, here, moment, root, tables, told } from "./screen.js";

export function commands() {
  return [...root.querySelectorAll("#commands .command")];
}

const WORDS = {
  reason: { verb: "suspend", field: "reason", question: "Motif de la suspension (facultatif)" },
};

export function run(command) {
  const { verb, dialog, prompt: asked } = command.dataset;
  const words = [...command.childNodes].at(-1).textContent.trim();
  leave();
  focusField();
  if (dialog) return openDialog(dialog);
  if (verb) {
    const fields = timedVerb(verb, JSON.parse(command.dataset.fields || "{}"));
    return inTurn(() => submit(verb, fields, { label: words }));
  }
  switch (asked) {
    case "item":
      return enter({ name: "item", question: "Aller au point" });
    case "fate":
      return pick("Ce point, sans vote", tables.choices.fate, (value, told_) =>
        enter({
          name: "words",
          question: `${told_}, précision (facultative)`,
          act: (note) =>
            inTurn(() => submit("note_fate", { item: moment().item, fate: value, note }, { label: told_ })),
        }),
      );
    case "call":
      return enter({ name: "call" });
    case "notes":
      return write();
    case "undo":
      return undo();
  }
  const wanted = WORDS[asked];
  if (!wanted) return undefined;
  return enter({
    name: "words",
    question: wanted.question,
    act: (typed) =>
      inTurn(() => submit(wanted.verb, timedVerb(wanted.verb, { [wanted.field]: typed }), { label: words })),
  });
}

/** Suspended or resumed at an hour that was noticed late. */
function timedVerb(verb, fields) {
  return ["suspend", "resume"].includes(verb) ? timed(fields, takeHour()) : fields;
}

/** What Enter does: the button says it. */
export function go() {
  inTurn(async () => {
    const primary = document.getElementById("primary");
    if (!primary) {
      refuse(root.querySelector(".console-blocked")?.textContent.trim() || "Rien à faire ici.");
    } else if (primary.href) {
      location.assign(primary.href);
    } else if (primary.dataset.dialog) {
      openDialog(primary.dataset.dialog, { isPressedAgain: true });
    } else {
      const label = primary.firstChild.textContent.trim();
      const { verb, fields } = primary.dataset;
      await submit(verb, timedVerb(verb, JSON.parse(fields || "{}")), { label });
    }
  });
}

export const COUNTED = { c: ["contre", "contre"], a: ["abstention", "abstentions"], n: ["ne_prend_pas_part", "ne prennent pas part"] };

/** "7c2a" → [["7", "c"], ["2", "a"]]; the last may still lack its letter. */
function counted() {
  return [...here.text.matchAll(/(\d+)([can]?)/g)].map(([, number, letter]) => [number, letter]);
}

export function countedWords() {
  return counted()
    .map(([number, letter]) => `${number} ${letter ? COUNTED[letter][1] : "…"}`)
    .join(", ");
}

/** Proclaim the open vote, or the one that these figures open, with exceptions nobody is named for. */
export function proclaimCounts({ isOnward = false } = {}) {
  const told_ = counted();
  if (told_.some(([, letter]) => !letter)) return refuse("Une lettre dit ce que compte ce chiffre\u00a0: C, A ou N.");
  const item = moment().item;
  const counts = told_.map(([number, letter]) => [`count_${COUNTED[letter][0]}`, number]);
  const label = countedWords();
  leave();
  return inTurn(async () => {
    if (moment().item !== item) return refuse(`Le point a changé\u00a0: ${label} n’est pas noté.`);
    const poll = await openedPoll();
    if (!poll) return undefined;
    if (!(await submit("proclaim", [["poll", poll.pk], ...counts], { label }))) return undefined;
    return isOnward ? goOn(told.textContent) : undefined;
  });
}

/** Proclaim if a vote is open, then the next item. */
export function onward() {
  if (here.mode.name === "counts") return proclaimCounts({ isOnward: true });
  // A name without its action would be lost in silence.
  if (!["person", "call"].includes(here.mode.name)) return refuse("Finissez ce qui est commencé, ou Échap.");
  if (here.text || here.chosen) return refuse(`Un nom est commencé\u00a0: ${found.textContent || here.text}. Finissez, ou Échap.`);
  return inTurn(async () => {
    const { poll } = moment();
    if (poll?.mode === "secret" && !poll.onTablets) {
      openDialog("counts");
      return;
    }
    if (poll && !(await submit("proclaim", { poll: poll.pk }, { label: "proclamation" }))) return;
    await goOn(poll ? told.textContent : "");
  });
}

async function goOn(proclaimed) {
  const { item, next, stage } = moment();
  if (stage === "a-ouvrir" || stage === "levee") return;
  if (!next) {
    say(`${proclaimed} L’ordre du jour est épuisé\u00a0: Espace L lève la séance.`.trim());
    return;
  }
  const isNext = await submit("open_next", { after: item }, { label: "point suivant" });
  if (proclaimed && isNext) told.prepend(`${proclaimed} `);
}

export function undo() {
  inTurn(async () => {
    const last = moment().undo;
    if (!last) {
      refuse("Rien à annuler.");
      return;
    }
    await submit("undo", { seq: last.seq, whole: "on" }, { label: `annuler «\u00a0${last.words}\u00a0»` });
  });
}

export async function undoLine(pressed) {
  const seq = Number(pressed.dataset.undo);
  const fields = pressed.dataset.whole ? { seq, whole: "on" } : { seq };
  const words = pressed.getAttribute("aria-label");
  if (moment().undo?.seq !== seq) {
    const isSure = await ask({ question: `${words}\u00a0?`, verb: words.split("\u00a0:")[0].split(" :")[0] });
    if (!isSure) return;
  }
  inTurn(() => submit("undo", fields, { label: words }));
}

function write() {
  const page = root.querySelector(".pane-notes [contenteditable=true], .pane-notes textarea:not([hidden])");
  page?.focus();
}
