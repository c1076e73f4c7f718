/* console.js — one field, one hand, a whole sitting.
 *
 * Everything is typed in one field (`#command`). What a letter does depends on where one is
 * (`mode`), and what may be pressed next is always written under the field (`drawHints`):
 *
 *   person    a name by its first letters, then the letter of what this person does. A letter that
 *             goes on with the only name that is left belongs to the name: whoever means it as the
 *             action strikes it twice, or with Shift. What could be read in two ways is refused
 *   counts    "7c2a": so many against and so many abstentions, without the names
 *   menu      Space, then the letter of a command of the sitting
 *   ask       a second person: who holds the proxy, whose seat is taken
 *   pick      one of a few: the ground of a withdrawal, the fate of an item
 *   item      an item of the agenda, by its number or its title
 *   words     a few words: why the sitting is suspended
 *   call      the roll call of a public ballot: an answer, then the next name
 *   confirm   an act that needs a second Enter
 *
 * The page is the only memory: who may do what is read from the roll (`data-acts`), the moment of
 * the sitting from the bar (`data-moment`). Acts leave one after the other and take their meaning
 * when their turn comes, so that fast hands are obeyed in order. Nothing waits for the network to
 * come back: an act that got no answer is shown as such until the server said what became of it.
 */
import { ask } from "./dialog.js";
import { newKey, post, refresh, release } from "./live.js";
import { announce } from "./page.js";

const root = document.querySelector("[data-console]");
const input = document.getElementById("command");
const hour = document.getElementById("hour");
const told = document.getElementById("told");
const prompt = document.getElementById("prompt");
const found = document.getElementById("found");
const hints = document.getElementById("hints");
const tables = JSON.parse(document.getElementById("tables").textContent);

const PERSON = { name: "person" };
let mode = PERSON;
let text = ""; // what is typed, as `mode` understands it
let chosen = ""; // key of a person, or of an item, pointed at rather than typed
let isShifted = false;
let isLost = false; // a letter was refused: nothing acts until what is typed is taken back
let unconfirmed = null; // the act that got no answer
let wasOffline = false;
let callAt = 0; // rank in the roll call
const inFlight = new Map(); // seat → answer on its way

/* What the page says ------------------------------------------------------------------------- */

function moment() {
  return JSON.parse(root.querySelector("[data-moment]").dataset.moment);
}

function people() {
  return [...root.querySelectorAll("#roll .person")];
}

function person(key) {
  return key ? root.querySelector(`#roll .person[data-key="${CSS.escape(key)}"]`) : null;
}

function gesturesOf(someone) {
  return someone ? someone.dataset.acts.split(" ").filter(Boolean) : [];
}

function points() {
  return [...root.querySelectorAll("#agenda [data-point]")];
}

/* Names --------------------------------------------------------------------------------------- */

export function fold(name) {
  return name
    .toLowerCase()
    .replaceAll("œ", "oe")
    .replaceAll("æ", "ae")
    .normalize("NFD")
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** Who may be meant now. */
function among() {
  if (mode.name === "ask") return people().filter((each) => mode.may(each));
  return people().filter((each) => each.dataset.acts);
}

function beginsWith(each, first) {
  return !first || each.dataset.others.split(" ").some((other) => other.startsWith(first));
}

/** Those whose family name begins so; after a space, whose first name does too. */
function byLastName(typed) {
  const [last, first = ""] = typed.split(" ").map(fold);
  if (!last) return [];
  return shown(among().filter((each) => each.dataset.last.startsWith(last) && beginsWith(each, first)));
}

/** Substitutes who are not there come only where nobody else is meant. */
function shown(known) {
  const there = known.filter((each) => !each.classList.contains("is-latent"));
  return there.length ? there : known;
}

function matching(typed) {
  const known = byLastName(typed);
  if (known.length || !fold(typed)) return known;
  const start = fold(typed);
  return shown(among().filter((each) => beginsWith(each, start)));
}

/** The one who is meant without doubt, or null. */
function designated(typed) {
  if (chosen) return person(chosen);
  const known = matching(typed);
  if (known.length === 1) return known[0];
  const exact = known.filter((each) => each.dataset.last === fold(typed.split(" ")[0]));
  return exact.length === 1 ? exact[0] : null;
}

/** The keys that make this gesture from here: a letter that goes on with the name is told twice. */
function keysFor(letter) {
  if (chosen || hourOf(text)) return letter;
  let [typed, keys] = [text, ""];
  while (byLastName(typed + letter).length && keys.length < 3) {
    typed += letter;
    keys += letter;
  }
  return designated(typed) ? keys + letter : "";
}

/**
 * "arna": three letters were enough for ARNAUD, and the fourth may be her name or what she does.
 * Whoever goes on with the name, or strikes the letter again, says which.
 */
function isDoubtful(typed) {
  const [before, last] = [typed.slice(0, -1), typed.slice(-1)];
  const someone = designated(typed);
  const isEnough = fold(before).length >= 3 && byLastName(before).length === 1;
  const wasEnough = fold(before).length > 3 && byLastName(before.slice(0, -1)).length === 1;
  const isWhole = fold(typed) === someone?.dataset.last;
  return Boolean(someone && isEnough && !wasEnough && !isWhole && gestureOf(someone, last));
}

/* "bes1832": a name, then an hour. */
function nameOf(typed) {
  return typed.replace(/\d.*$/, "");
}

function hourOf(typed) {
  return typed.match(/\d.*$/)?.[0] || "";
}

/** "1832", "18h32", "18:32" → "18:32"; "" for what is no hour. */
export function readHour(typed) {
  const parts = typed.trim().match(/^(\d{1,2})(?:[h:](\d{0,2})|(\d{2}))?$/i);
  if (!parts) return "";
  const [hours, minutes] = [Number(parts[1]), Number(parts[2] || parts[3] || 0)];
  if (hours > 23 || minutes > 59) return "";
  return `${String(hours).padStart(2, "0")}:${String(minutes).padStart(2, "0")}`;
}

/* Saying -------------------------------------------------------------------------------------- */

function say(words, kind = "", findings = [], buttons = []) {
  told.className = `console-told ${kind}`;
  const parts = [words];
  for (const finding of findings) {
    if (finding.message !== words) parts.push(` ${finding.message}`);
    if (finding.article) {
      const article = document.createElement("span");
      article.className = "article";
      article.textContent = finding.article;
      parts.push(article);
    }
    if (finding.remedy) parts.push(` ${finding.remedy}`);
  }
  told.replaceChildren(...parts, ...buttons);
}

function refuse(words) {
  say(words, "is-refused");
  input.classList.add("is-wrong");
  setTimeout(() => input.classList.remove("is-wrong"), 600);
}

/** A letter that means nothing: those that follow must not act on whoever was named. */
function lose(words) {
  isLost = Boolean(text || chosen);
  refuse(words);
}

function button(words, act, className = "btn btn-secondary btn-sm") {
  const made = document.createElement("button");
  made.type = "button";
  made.className = className;
  made.textContent = words;
  made.addEventListener("click", act);
  return made;
}

/* Acting -------------------------------------------------------------------------------------- */

let line = Promise.resolve();

/** One act after the other; `job` reads the page when its turn comes. */
function inTurn(job) {
  line = line.then(job).catch((error) => {
    refuse("Cette action n’a pas abouti\u00a0: rechargez la page.");
    throw error;
  });
  return line;
}

/** Send one act; resolves to whether it was done. `again` is the typed text to give back. */
async function submit(verb, fields, { label = "", again = "", dialog = null, key = newKey() } = {}) {
  if (unconfirmed && unconfirmed.key !== key) {
    await check();
    if (unconfirmed) {
      giveBack(again);
      return false;
    }
  }
  const pairs = fields instanceof Array ? fields : Object.entries(fields);
  const answer = await post(root.dataset.acts, [["verb", verb], ...pairs], key);
  if (answer.kind === "answered") {
    if (unconfirmed?.key === key) unconfirmed = null;
    return answered(answer.reply, { verb, fields: pairs, again, dialog });
  }
  giveBack(again);
  const what = label || "cette action";
  if (answer.kind === "unconfirmed") {
    unconfirmed = { verb, fields: pairs, key, label: what, dialog };
    sayUnconfirmed();
  } else if (answer.kind === "offline") {
    refuse(`Hors ligne\u00a0: rien n’est envoyé (${what}).`);
  } else {
    refuse(`Rien n’est enregistré (${what}).`);
  }
  if (dialog) showFindings(dialog, [{ message: told.textContent }]);
  return false;
}

function answered(reply, { verb, fields, again, dialog }) {
  if (reply.ok) {
    const warnings = reply.findings || [];
    say(reply.message, warnings.length ? "is-warned" : "", warnings);
    if (dialog?.open) dialog.close();
    return true;
  }
  giveBack(again);
  say(reply.message, "is-refused", reply.findings);
  if (dialog) showFindings(dialog, reply.findings);
  // The law wants a word more: those who did not answer take no part.
  if (verb === "proclaim" && reply.findings?.some((each) => each.code === "sieges_sans_vote")) {
    enter({
      name: "confirm",
      question: "Les autres ne prennent pas part",
      words: "Proclamer ainsi",
      act: () => inTurn(() => submit("proclaim", [...fields, ["complete", "on"]])),
    });
  }
  return false;
}

function giveBack(typed) {
  if (!typed || text || mode.name !== "person") return;
  text = typed;
  render();
}

function sayUnconfirmed() {
  say(`Non confirmé\u00a0: ${unconfirmed.label}. Le serveur n’a pas répondu.`, "is-pending", [], [
    button("Vérifier", () => check()),
  ]);
}

/** Ask what became of the act that got no answer; nothing is done by asking. */
async function check() {
  if (!unconfirmed) return;
  let answer;
  try {
    const asked = await fetch(`${root.dataset.acts}${unconfirmed.key}/`, {
      headers: { Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(6000),
    });
    if (!asked.ok) return;
    answer = await asked.json();
  } catch {
    return;
  }
  if (!unconfirmed) return;
  const { label, dialog } = unconfirmed;
  if (answer.done) {
    unconfirmed = null;
    say(`Confirmé\u00a0: ${answer.reply?.message || label}`);
    if (dialog?.open) dialog.close();
    if (mode.isResend) leave();
    await refresh();
    return;
  }
  say(`Pas reçu par le serveur\u00a0: ${label}. Rien n’a été fait.`, "is-pending");
  enter({
    name: "confirm",
    isResend: true,
    question: "Pas reçu",
    words: `Renvoyer\u00a0: ${label}`,
    act: () => {
      const { verb, fields, key, dialog: from } = unconfirmed;
      inTurn(() => submit(verb, fields, { label, key, dialog: from }));
    },
    forget: () => {
      unconfirmed = null;
      say(`Oublié\u00a0: ${label}. Rien n’a été fait.`);
    },
  });
}

/* Gestures ------------------------------------------------------------------------------------ */

function gestureOf(someone, letter) {
  return gesturesOf(someone).find((name) => tables.gestures[name].letter === letter);
}

function timed(fields, at) {
  return at ? { ...fields, hour: at } : fields;
}

function takeHour() {
  const typed = readHour(hourOf(text)) || readHour(hour.value);
  hour.value = "";
  hour.classList.remove("is-set");
  return typed;
}

function make(someone, name) {
  const gesture = tables.gestures[name];
  const { key, seat, name: who } = someone.dataset;
  const label = `${who}\u00a0: ${gesture.words.replace("…", "")}`;
  if (hourOf(text) && !readHour(hourOf(text))) {
    lose(`${hourOf(text)} n’est pas une heure.`);
    return;
  }
  const again = nameOf(text);
  if (gesture.choice) {
    clear();
    vote(seat, gesture.choice, { label, again });
    return;
  }
  const fields = timed({ [gesture.field]: key, ...gesture.fields }, takeHour());
  if (gesture.asks && tables.choices[gesture.asks]) {
    pick(gesture.question, tables.choices[gesture.asks], (value, words) =>
      inTurn(() => submit(gesture.verb, { ...fields, [gesture.asks]: value }, { label: `${label}, ${words}` })),
    );
    return;
  }
  if (gesture.asks) {
    askPerson(gesture, fields, someone);
    return;
  }
  clear();
  inTurn(() => submit(gesture.verb, fields, { label, again }));
}

/** The vote of a seat; where no vote is open, it opens one by its exception. */
function vote(seat, choice, { label, again = "" }) {
  const item = moment().item;
  inFlight.set(seat, choice);
  render();
  inTurn(async () => {
    try {
      if (moment().item !== item) {
        refuse(`Le point a changé\u00a0: ${label} n’est pas noté.`);
        return;
      }
      const poll = await openedPoll(again);
      if (!poll) return;
      const done = await submit("choose", { poll: poll.pk, seat, choice }, { label, again });
      if (!done && mode.name === "call") callAt = Math.max(0, moment().poll?.call.indexOf(seat) ?? 0);
    } finally {
      inFlight.delete(seat);
      render();
    }
  });
}

function askPerson(gesture, fields, someone) {
  const isHolder = gesture.asks === "holder";
  enter({
    name: "ask",
    question: `${someone.dataset.name}\u00a0: ${gesture.question.toLowerCase()}`,
    may: (each) =>
      each !== someone &&
      (isHolder
        ? !each.classList.contains("is-consultatif")
        : !each.classList.contains("is-present") && !each.classList.contains("is-suppleant")),
    act: (other) =>
      inTurn(() =>
        submit(
          gesture.verb,
          { ...fields, [gesture.asks]: other.dataset.key },
          { label: `${someone.dataset.name}, ${gesture.question.toLowerCase()} ${other.dataset.name}` },
        ),
      ),
  });
  if (!isHolder && someone.dataset.prefers) chosen = someone.dataset.prefers;
  render();
}

function pick(question, options, act) {
  enter({ name: "pick", question, options, act });
}

/* Commands of the sitting --------------------------------------------------------------------- */

function commands() {
  return [...root.querySelectorAll("#commands .command")];
}

const WORDS = {
  reason: { verb: "suspend", field: "reason", question: "Motif de la suspension (facultatif)" },
};

function run(command) {
  const { verb, dialog, prompt: asked } = command.dataset;
  const words = [...command.childNodes].at(-1).textContent.trim();
  leave();
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
function go() {
  inTurn(async () => {
    const primary = document.getElementById("primary");
    if (!primary) {
      refuse(root.querySelector(".console-blocked")?.textContent.trim() || "Rien à faire ici.");
    } else if (primary.href) {
      location.assign(primary.href);
    } else if (primary.dataset.dialog) {
      openDialog(primary.dataset.dialog);
    } else {
      const label = primary.firstChild.textContent.trim();
      const { verb, fields } = primary.dataset;
      await submit(verb, timedVerb(verb, JSON.parse(fields || "{}")), { label });
    }
  });
}

const COUNTED = { c: ["contre", "contre"], a: ["abstention", "abstentions"], n: ["ne_prend_pas_part", "ne prennent pas part"] };

/** "7c2a" → [["7", "c"], ["2", "a"]]; the last may still lack its letter. */
function counted() {
  return [...text.matchAll(/(\d+)([can]?)/g)].map(([, number, letter]) => [number, letter]);
}

function countedWords() {
  return counted()
    .map(([number, letter]) => `${number} ${letter ? COUNTED[letter][1] : "…"}`)
    .join(", ");
}

/** Proclaim the open vote, or the one that these figures open, with exceptions nobody is named for. */
function proclaimCounts({ isOnward = false } = {}) {
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

/** The open poll; where none is, the one that the moment calls for. */
async function openedPoll(again = "") {
  if (!moment().poll) {
    const opens = document.getElementById("primary");
    const fields = opens?.dataset.verb === "open_poll" ? JSON.parse(opens.dataset.fields) : { items: moment().item };
    if (!(await submit("open_poll", fields, { label: "ouverture du vote", again }))) return null;
  }
  return moment().poll;
}

/** Proclaim if a vote is open, then the next item. */
function onward() {
  if (mode.name === "counts") return proclaimCounts({ isOnward: true });
  // A name without its action would be lost in silence.
  if (!["person", "call"].includes(mode.name)) return refuse("Finissez ce qui est commencé, ou Échap.");
  if (text || chosen) return refuse(`Un nom est commencé\u00a0: ${found.textContent || text}. Finissez, ou Échap.`);
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

function undo() {
  inTurn(async () => {
    const last = moment().undo;
    if (!last) {
      refuse("Rien à annuler.");
      return;
    }
    await submit("undo", { seq: last.seq }, { label: `annuler «\u00a0${last.words}\u00a0»` });
  });
}

async function undoLine(pressed) {
  const seq = Number(pressed.dataset.undo);
  const words = pressed.getAttribute("aria-label");
  if (moment().undo?.seq !== seq) {
    const isSure = await ask({ question: `${words}\u00a0?`, verb: words.split("\u00a0:")[0].split(" :")[0] });
    if (!isSure) return;
  }
  inTurn(() => submit("undo", { seq }, { label: words }));
}

function write() {
  const page = root.querySelector(".pane-notes [contenteditable=true], .pane-notes textarea:not([hidden])");
  page?.focus();
}

/* Dialogs ------------------------------------------------------------------------------------- */

const JOINED = new Set(["clerks", "items", "members", "present"]);

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

function fill(dialog) {
  const now = moment();
  const room = people().filter((each) => now.present.includes(each.dataset.key));
  const values = {
    chair: now.chair,
    "clerk-1": now.clerks[0] || "",
    "clerk-2": now.clerks[1] || "",
    item: now.item,
    poll: now.poll?.pk ?? "",
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
  for (const field of dialog.querySelectorAll("[data-value]")) field.value = values[field.dataset.value];
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
    const left = points().filter((each) => now.awaiting.includes(each.dataset.point));
    remaining.textContent = left.length
      ? `Sans décision encore\u00a0: ${left.map((each) => each.dataset.number || each.dataset.title).join(", ")}.`
      : "Tous les points ont reçu leur suite.";
  }
  if (dialog.id === "dialog-election") fillElection(dialog, now);
  if (dialog.id === "dialog-counts") for (const each of dialog.querySelectorAll("[name^=count_]")) each.value = "";
  total(dialog);
}

/* A candidate, chosen among the members or not, goes to the round that is being filled. */
const candidate = document.getElementById("election-add");
candidate.addEventListener("keydown", (event) => {
  if (event.key !== "Enter" || !candidate.value.trim()) return;
  event.preventDefault();
  event.stopPropagation();
  const rounds = [...candidate.form.querySelectorAll("textarea[name^=round_]")];
  const round = rounds.findLast((each) => each.value.trim()) || rounds[0];
  const before = round.value.trim() ? `${round.value.trimEnd()}\n` : "";
  round.value = `${before}${candidate.value.trim()}\u00a0: `;
  candidate.value = "";
  round.focus();
  round.setSelectionRange(round.value.length, round.value.length);
});

/** The rounds already told come back in the window, so that the next is added to them. */
function fillElection(dialog, now) {
  if (dialog.dataset.item === now.item) return;
  const form = dialog.querySelector("form");
  form.reset();
  dialog.dataset.item = now.item;
  form.elements.item.value = now.item;
  for (const [name, value] of Object.entries(now.election || {})) {
    if (form.elements[name]) form.elements[name].value = value;
  }
}

function total(dialog) {
  const place = dialog.querySelector("[data-total]");
  if (!place) return;
  const papers = [...dialog.querySelectorAll("[name^=count_]")].reduce((sum, each) => sum + Number(each.value || 0), 0);
  const voices = moment().poll?.voices ?? 0;
  place.textContent = `${papers} bulletins ou voix sur ${voices}.`;
}

function openDialog(name) {
  const dialog = document.getElementById(`dialog-${name}`);
  if (dialog.open) return;
  fill(dialog);
  showFindings(dialog, []);
  dialog.showModal();
  const first = dialog.querySelector("select, input:not([type=hidden], [type=checkbox]), input, button");
  (dialog.querySelector("[autofocus]") || first)?.focus();
}

function showFindings(dialog, findings) {
  const place = dialog.querySelector("[data-findings]");
  if (!place) return;
  for (const wrong of dialog.querySelectorAll(".is-invalid")) {
    wrong.classList.remove("is-invalid");
    wrong.removeAttribute("aria-invalid");
  }
  for (const old of dialog.querySelectorAll(".invalid-feedback")) old.remove();
  const elsewhere = [];
  for (const finding of findings) {
    const words = [finding.message, finding.article && `(${finding.article})`, finding.remedy].filter(Boolean).join(" ");
    const field = finding.field && dialog.querySelector(`[name="${CSS.escape(finding.field)}"]:not([type=hidden])`);
    const note = document.createElement("p");
    note.textContent = words;
    if (field && !["checkbox", "radio"].includes(field.type)) {
      field.classList.add("is-invalid");
      field.setAttribute("aria-invalid", "true");
      note.className = "invalid-feedback d-block";
      field.after(note);
    } else {
      note.className = "finding finding-refus";
      elsewhere.push(note);
    }
  }
  place.replaceChildren(...elsewhere);
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
  dialog.querySelector("[data-close]")?.addEventListener("click", () => dialog.close());
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => input.focus());
  dialog.addEventListener("input", () => total(dialog));
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
    const key = unconfirmed?.dialog === dialog ? unconfirmed.key : undefined;
    inTurn(() => submit(dialog.dataset.verb, collect(form), { label, dialog, key }));
  });
}

/* Modes --------------------------------------------------------------------------------------- */

function enter(next) {
  mode = next;
  text = "";
  chosen = "";
  if (mode.name === "call") callAt = nextCalled(0);
  render();
  focusField();
}

/** Back to where one was before the question: the roll call if one is going on. */
function leave() {
  mode = PERSON;
  text = "";
  chosen = "";
  render();
}

function clear() {
  text = "";
  chosen = "";
  if (mode.name === "person" && isCalling()) mode = { name: "call" };
  render();
}

function isCalling() {
  return Boolean(moment().poll?.call.length) && nextCalled(0) < moment().poll.call.length;
}

/* Roll call: the first seat, from a rank on, that has no answer yet. */
function nextCalled(from) {
  const seats = moment().poll?.call || [];
  const waits = (seat) => !inFlight.has(seat) && !personOfSeat(seat)?.dataset.choice;
  for (let rank = from; rank < seats.length; rank += 1) if (waits(seats[rank])) return rank;
  return seats.length;
}

function personOfSeat(seat) {
  return root.querySelector(`#roll .person[data-seat="${CSS.escape(seat)}"]`);
}

function called() {
  const seat = moment().poll?.call[callAt];
  return seat ? personOfSeat(seat) : null;
}

function answer(letter) {
  const someone = called();
  const name = someone && gestureOf(someone, letter);
  if (!name) return false;
  const gesture = tables.gestures[name];
  vote(someone.dataset.seat, gesture.choice, { label: `${someone.dataset.name}\u00a0: ${gesture.words}` });
  callAt = nextCalled(callAt + 1);
  if (callAt >= (moment().poll?.call.length || 0)) callAt = nextCalled(0);
  render();
  const following = called();
  if (following) announce(`${following.dataset.name}\u00a0?`);
  return true;
}

/* Typing -------------------------------------------------------------------------------------- */

function feed(char) {
  const letter = fold(char);
  switch (mode.name) {
    case "menu":
      return char === " " ? leave() : feedMenu(letter);
    case "pick":
      return feedPick(letter);
    case "call":
      if (char === " ") return openMenu();
      if (answer(letter)) return undefined;
      mode = PERSON;
      return feedPerson(char, letter);
    case "confirm":
      if (mode.isResend) return refuse("Entrée renvoie, Échap oublie.");
      leave();
      return feedPerson(char, letter);
    case "ask":
      return feedAsked(char, letter);
    case "counts":
      return feedCounts(letter);
  }
  return feedPerson(char, letter);
}

function feedMenu(letter) {
  const command = commands().find((each) => each.dataset.letter === letter);
  if (command) run(command);
  else refuse("Cette lettre n’est pas une commande de ce moment.");
}

function feedPick(letter) {
  const option_ = mode.options.find((each) => each.letter === letter);
  if (option_) choose(option_);
  else refuse("Choisissez l’une des lettres ci-dessous.");
}

function choose(option_) {
  const { act } = mode;
  leave();
  act(option_.value, option_.words);
}

function feedAsked(char, letter) {
  if (/\d/.test(char)) return chooseNth(Number(char));
  chosen = "";
  const next = text + char;
  if (matching(next).length) text = next;
  else refuse(`«\u00a0${next.trim()}\u00a0» ne désigne personne ici.`);
  return render();
}

function feedCounts(letter) {
  const isLetter = letter in COUNTED && /\d$/.test(text) && !text.includes(letter);
  if (/^\d$/.test(letter) || isLetter) text += letter;
  else refuse("Un nombre, puis C contre, A abstentions ou N ne prennent pas part.");
  render();
}

function chooseNth(rank) {
  const known = matching(nameOf(text));
  if (known.length > 1 && rank >= 1 && rank <= known.length) {
    chosen = known[rank - 1].dataset.key;
    render();
    return true;
  }
  return false;
}

function feedPerson(char, letter) {
  // Fast hands that did not see the refusal would act on somebody else.
  if (isLost && (text || chosen)) return refuse(`«\u00a0${text || found.textContent}\u00a0» d’abord\u00a0: Échap l’efface.`);
  isLost = false;
  if (char === "?" && !text) return openDialog("help");
  if (char === " ") {
    if (!text && !chosen) return openMenu();
    if (!hourOf(text) && !text.includes(" ")) text += " ";
    return render();
  }
  if (/\d/.test(char) && !text && !chosen && countsNow()) {
    enter({ name: "counts", question: "Sans les noms" });
    return feedCounts(letter);
  }
  if (/\d/.test(char)) {
    if (!hourOf(text) && !designated(text) && chooseNth(Number(char))) return undefined;
    if (!designated(nameOf(text))) return lose("Un nom d’abord, puis l’heure.");
    text += char;
    return render();
  }
  if (hourOf(text)) {
    if (/[h:]/i.test(char) && /^\d{1,2}$/.test(hourOf(text))) {
      text += char;
      return render();
    }
    return actOn(designated(nameOf(text)), letter);
  }
  if (!letter) return lose("Une lettre, s’il vous plaît.");
  if (chosen || (isShifted && designated(text))) return actOn(designated(text), letter);
  const next = text + char;
  const someone = designated(text);
  if (!byLastName(next).length) {
    const name = someone && gestureOf(someone, letter);
    if (name && isDoubtful(text) && !text.endsWith(letter)) {
      const doubted = text.slice(-1).toUpperCase();
      return lose(`«\u00a0${text}\u00a0»\u00a0: ${doubted} est-il une lettre du nom\u00a0? Échap, puis ${doubted} deux fois si c’est l’action.`);
    }
    if (name) return make(someone, name);
    if (!matching(next).length) {
      return lose(
        someone
          ? `${someone.dataset.name}\u00a0: la lettre ${letter.toUpperCase()} ne fait rien ici.`
          : `«\u00a0${next}\u00a0» ne désigne personne qui puisse agir maintenant.`,
      );
    }
  }
  text = next;
  return render();
}

function actOn(someone, letter) {
  const name = someone && gestureOf(someone, letter);
  if (name) make(someone, name);
  else lose(`${someone?.dataset.name || ""}\u00a0: la lettre ${letter.toUpperCase()} ne fait rien ici.`);
}

/** Whether exceptions may be counted without being named. */
function countsNow() {
  const { poll, mayOpen } = moment();
  return poll ? poll.mode === "ordinaire" : mayOpen;
}

function openMenu() {
  enter({ name: "menu", question: "Commande" });
}

input.addEventListener("input", (event) => {
  const typed = input.value;
  // A dead key on its way: "^", then "ê".
  if (event.isComposing && !fold(typed.slice(-1)) && !/\s$/.test(typed)) return;
  if (mode.name === "words" || mode.name === "item") {
    text = typed;
    chosen = "";
    render();
  } else if (typed.length > text.length && typed.startsWith(text)) {
    for (const char of typed.slice(text.length)) feed(char);
  } else {
    text = typed;
    chosen = "";
    isLost = false;
  }
  render();
});

/* Keys ---------------------------------------------------------------------------------------- */

function confirmTyped() {
  switch (mode.name) {
    case "person": {
      const someone = designated(nameOf(text));
      if (!text && !chosen) return go();
      if (hourOf(text) && !readHour(hourOf(text))) return lose(`${hourOf(text)} n’est pas une heure.`);
      const first = gesturesOf(someone)[0];
      if (first === "arrive") return make(someone, first);
      return refuse(someone ? "Une lettre dit ce que fait cette personne." : "Aucun nom n’est désigné.");
    }
    case "menu":
      return refuse("La lettre d’une commande, ou Échap.");
    case "pick":
      return choose(mode.options[0]);
    case "ask": {
      const someone = designated(text);
      if (!someone) return refuse("Aucun nom n’est désigné.");
      const { act } = mode;
      leave();
      return act(someone);
    }
    case "item": {
      const point = chosenPoint();
      if (!point) return refuse("Aucun point ne répond à ces lettres.");
      leave();
      return inTurn(() => submit("open_item", { item: point.dataset.point }, { label: point.dataset.title }));
    }
    case "words": {
      const { act } = mode;
      const typed = text.trim();
      leave();
      return act(typed);
    }
    case "confirm": {
      const { act } = mode;
      leave();
      return act();
    }
    case "call":
      return go();
    case "counts":
      return proclaimCounts();
  }
  return undefined;
}

function escape() {
  isLost = false;
  if (mode.name === "confirm") mode.forget?.();
  hour.value = "";
  hour.classList.remove("is-set");
  if (!text && !chosen && mode.name === "person" && told.className.includes("is-")) say("");
  leave();
}

function step(by) {
  if (mode.name === "call") {
    const { length } = moment().poll?.call || [];
    callAt = Math.max(0, Math.min(length - 1, callAt + by));
    return render();
  }
  if (mode.name === "item") {
    const known = matchingPoints();
    const at = known.indexOf(chosenPoint());
    chosen = known[(at + by + known.length) % known.length]?.dataset.point || "";
    return render();
  }
  if (!["person", "ask"].includes(mode.name)) return undefined;
  const known = nameOf(text) ? matching(nameOf(text)) : among().filter((each) => !each.classList.contains("is-latent"));
  if (!known.length) return undefined;
  const at = known.findIndex((each) => each.dataset.key === chosen);
  const to = at < 0 ? (by > 0 ? 0 : known.length - 1) : (at + by + known.length) % known.length;
  chosen = known[to].dataset.key;
  text = nameOf(text);
  return render();
}

input.addEventListener("keydown", (event) => {
  isShifted = event.shiftKey && event.key.length === 1 && /\p{L}/u.test(event.key);
  if (event.isComposing) return;
  const keys = {
    Enter: () => event.repeat || confirmTyped(),
    Escape: escape,
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
  };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Backspace" && !input.value && (chosen || mode !== PERSON)) {
    event.preventDefault();
    escape();
  } else if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const isInNotes = event.target.closest?.(".pane-notes");
  const isTyping = event.target !== input && (event.target.isContentEditable || event.target.matches?.("input, textarea, select"));
  if (event.key === "PageDown" && !isInNotes) {
    event.preventDefault();
    if (!event.repeat && mode.name !== "confirm") onward();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey && !isTyping && !text) {
    event.preventDefault();
    if (!event.repeat) undo();
    return;
  }
  // A letter typed anywhere goes to the field; Enter and Space keep what they press.
  const isLetter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
  const isFree = event.target === document.body || event.target.matches?.("main");
  if (!isTyping && (isLetter || (isFree && [" ", "Enter"].includes(event.key)))) {
    if (event.key === "Enter") {
      event.preventDefault();
      confirmTyped();
    }
    input.focus();
  }
});

// Before the editor has its say: Escape leaves the notes at once.
root.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || !event.target.closest(".pane-notes")) return;
    event.preventDefault();
    event.stopPropagation();
    input.focus({ preventScroll: true });
  },
  true,
);

hour.addEventListener("input", () => {
  const isSet = Boolean(readHour(hour.value));
  hour.classList.toggle("is-set", isSet);
  hour.setAttribute("aria-invalid", String(Boolean(hour.value) && !isSet));
});
hour.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    focusField();
  }
});

function focusField() {
  // On a telephone the keyboard would cover half of what is to be seen.
  if (matchMedia("(pointer: coarse)").matches && mode.name !== "words") return;
  input.focus({ preventScroll: true });
}

/* The mouse ----------------------------------------------------------------------------------- */

root.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  if (on(".person")) {
    const someone = on(".person");
    if (mode.name === "call" && moment().poll?.call.includes(someone.dataset.seat)) {
      callAt = moment().poll.call.indexOf(someone.dataset.seat);
    } else if (mode.name !== "ask" || mode.may(someone)) {
      if (!["person", "ask"].includes(mode.name)) leave();
      chosen = someone.dataset.key;
      text = "";
    }
    render();
    focusField();
  } else if (on("[data-point]")) {
    enter({ name: "item", question: "Aller au point" });
    chosen = on("[data-point]").dataset.point;
    render();
  } else if (on("#primary[data-verb], #primary[data-dialog]")) {
    go();
    focusField();
  } else if (on("#menu-button")) {
    if (mode.name === "menu") leave();
    else openMenu();
  } else if (on(".command")) {
    run(on(".command"));
  } else if (on("[data-undo]")) {
    undoLine(on("[data-undo]"));
  } else if (on("[data-open]")) {
    on("details.menu")?.removeAttribute("open");
    openDialog(on("[data-open]").dataset.open);
  }
});

/* Items --------------------------------------------------------------------------------------- */

function matchingPoints() {
  const typed = fold(text);
  if (!typed) return points();
  const number = (each) => fold(each.dataset.number);
  const exact = points().filter((each) => number(each) === typed);
  if (exact.length) return exact;
  const words = (each) => each.dataset.title.split(/[\s'’-]+/).map(fold);
  return points().filter(
    (each) => number(each).startsWith(typed) || fold(each.dataset.title).includes(typed) || words(each).some((w) => w.startsWith(typed)),
  );
}

function chosenPoint() {
  const known = matchingPoints();
  return known.find((each) => each.dataset.point === chosen) || (text ? known[0] : null);
}

/* Drawing ------------------------------------------------------------------------------------- */

function render() {
  if (input.value !== text) input.value = text;
  const isItems = mode.name === "item";
  drawPeople();
  drawPoints(isItems);
  const menu = document.getElementById("commands");
  menu.hidden = mode.name !== "menu";
  document.getElementById("menu-button").setAttribute("aria-expanded", String(!menu.hidden));
  input.setAttribute("aria-controls", isItems ? "agenda" : "roll");
  prompt.textContent = promptWords();
  drawHints();
}

function promptWords() {
  if (mode.name === "call") {
    const someone = called();
    return someone ? `${someone.dataset.name}\u00a0?` : "Appel terminé";
  }
  return mode.question || "Nom";
}

function drawPeople() {
  const isSearching = ["person", "ask"].includes(mode.name);
  const known = isSearching && nameOf(text) ? new Set(matching(nameOf(text))) : new Set();
  const someone = isSearching ? designated(nameOf(text)) : null;
  const isNamed = someone && (text || chosen);
  const theCalled = mode.name === "call" ? called() : null;
  const roll = document.getElementById("roll");
  roll.classList.toggle("is-searching", known.size > 0);
  const ranked = !chosen && known.size > 1 && known.size < 10 ? [...known] : [];
  for (const each of people()) {
    const rank = ranked.indexOf(each) + 1;
    if (rank) each.dataset.rank = rank;
    else delete each.dataset.rank;
    each.classList.toggle("is-match", known.has(each));
    each.classList.toggle("is-chosen", Boolean(isNamed) && each === someone);
    each.classList.toggle("is-called", each === theCalled);
    each.setAttribute("aria-selected", String(each === (isNamed ? someone : theCalled)));
  }
  const active = isNamed ? someone : theCalled;
  if (active) {
    input.setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({ block: "nearest", inline: "nearest" });
  } else if (mode.name !== "item") {
    input.removeAttribute("aria-activedescendant");
  }
  const at = readHour(hourOf(text)) || hourOf(text);
  found.textContent = isNamed
    ? `${someone.dataset.name}${at ? `, à ${at.replace(":", "\u00a0h\u00a0")}` : ""}`
    : known.size > 1
      ? `${known.size} noms`
      : mode.name === "counts"
        ? countedWords()
        : "";
}

function drawPoints(isItems) {
  const known = isItems && text ? new Set(matchingPoints()) : new Set();
  const point = isItems ? chosenPoint() : null;
  for (const each of points()) {
    each.classList.toggle("is-match", known.has(each));
    each.classList.toggle("is-chosen", each === point);
    each.setAttribute("aria-selected", String(each === point));
  }
  if (point) {
    input.setAttribute("aria-activedescendant", point.id);
    point.scrollIntoView({ block: "nearest" });
    found.textContent = point.dataset.title;
  } else if (isItems) {
    input.removeAttribute("aria-activedescendant");
    found.textContent = "";
  }
}

function hint(keys, words, act = null) {
  const made = document.createElement(act ? "button" : "span");
  made.className = "hint";
  if (act) {
    made.type = "button";
    made.addEventListener("click", () => {
      act();
      focusField();
    });
  }
  for (const key of keys) {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    made.append(cap);
  }
  made.append(` ${words}`);
  return made;
}

const ESCAPE = () => hint(["Échap"], "effacer", escape);

function drawHints() {
  const at = [...hints.children].indexOf(document.activeElement);
  hints.replaceChildren(...hintsNow().filter(Boolean));
  if (at >= 0) hints.children[Math.min(at, hints.children.length - 1)]?.focus();
}

function hintsNow() {
  switch (mode.name) {
    case "menu":
      return [hint(["A", "…", "Z"], "la lettre d’une commande"), ESCAPE()];
    case "pick":
      return [
        ...mode.options.map((each) => hint([each.letter.toUpperCase()], each.words, () => choose(each))),
        ESCAPE(),
      ];
    case "ask":
      return [...choosing(), designated(text) && hint(["Entrée"], `c’est ${designated(text).dataset.name}`, confirmTyped), ESCAPE()];
    case "item":
      return [
        hint(["1"], "un numéro, ou un mot du titre"),
        hint(["↑", "↓"], "d’un point à l’autre"),
        chosenPoint() && hint(["Entrée"], `appeler\u00a0: ${chosenPoint().dataset.title.slice(0, 60)}`, confirmTyped),
        ESCAPE(),
      ];
    case "words":
      return [hint(["Entrée"], "noter", confirmTyped), ESCAPE()];
    case "confirm":
      return [hint(["Entrée"], mode.words, confirmTyped), hint(["Échap"], mode.isResend ? "oublier" : "revenir", escape)];
    case "call":
      return calling();
    case "counts":
      return [
        ...Object.entries(COUNTED).map(([letter, [, words]]) => hint([letter.toUpperCase()], words, () => feedCounts(letter))),
        hint(["Entrée"], "proclamer", confirmTyped),
        hint(["Page suiv."], "proclamer et point suivant", onward),
        ESCAPE(),
      ];
  }
  return naming();
}

function choosing() {
  const known = nameOf(text) ? matching(nameOf(text)) : [];
  if (known.length < 2 || (chosen && !text)) return [];
  return [
    ...known.slice(0, 9).map((each, rank) =>
      hint([String(rank + 1)], each.dataset.name, () => {
        chosen = each.dataset.key;
        render();
      }),
    ),
    hint(["↑", "↓"], known.length > 9 ? `${known.length} noms` : "choisir"),
  ];
}

const CALLED = "pcan"; // what one answers to one's name, the likeliest first

function calling() {
  const someone = called();
  const order = [...CALLED].filter((letter) => someone && gestureOf(someone, letter));
  const answers = order.map((letter) =>
    hint([letter.toUpperCase()], tables.gestures[gestureOf(someone, letter)].words, () => answer(letter)),
  );
  return [
    ...answers,
    someone && hint(["↑", "↓"], "le précédent, le suivant"),
    hint(["Entrée"], "proclamer", go),
    hint(["Espace"], "commandes", openMenu),
    hint(["Échap"], "chercher un nom", () => enter(PERSON)),
  ];
}

function naming() {
  const someone = text || chosen ? designated(nameOf(text)) : null;
  if (someone) {
    const gestures = gesturesOf(someone).map((name) => {
      const { letter, words } = tables.gestures[name];
      const keys = keysFor(letter);
      const caps = keys ? [...keys.toUpperCase()] : ["Maj", letter.toUpperCase()];
      return hint(caps, words, () => make(someone, name));
    });
    const isTimed = gesturesOf(someone).some((name) => !tables.gestures[name].choice);
    return [...gestures, isTimed && !hourOf(text) && hint(["1832"], "l’heure d’abord"), ESCAPE()];
  }
  if (text) return [...choosing(), ESCAPE()];
  const now = moment();
  const primary = document.getElementById("primary");
  const name = { "a-ouvrir": "un nom, puis A s’il est là, E s’il s’excuse", levee: "" }[now.stage];
  const votes = "un nom, puis C contre, A s’abstient, N ne prend pas part";
  return [
    primary && hint(["Entrée"], primary.firstChild.textContent.trim(), go),
    now.poll?.mode === "secret"
      ? null
      : (name ?? true) && hint(["A", "…", "Z"], name ?? (now.poll || now.mayOpen ? votes : "un nom, puis l’action")),
    commands().length > 0 && hint(["Espace"], "commandes", openMenu),
    now.next && !["a-ouvrir", "levee", "suspendue"].includes(now.stage)
      ? hint(["Page suiv."], now.poll ? "proclamer et point suivant" : "point suivant", onward)
      : null,
    now.undo && !now.poll && hint(["Ctrl", "Z"], "annuler", undo),
    countsNow() && hint(["7", "C"], "7 contre, sans noms"),
    hint(["?"], "aide", () => openDialog("help")),
  ];
}

/** Shows the current item in its pane; on a telephone the page itself would move. */
function revealCurrent() {
  const point = root.querySelector("#agenda [data-current]");
  const pane = point?.closest(".pane-scroll");
  if (!pane || getComputedStyle(pane).overflowY === "visible") return;
  point.scrollIntoView({ block: "nearest" });
}

/* What comes in ------------------------------------------------------------------------------- */

document.addEventListener("live:change", ({ detail }) => {
  if (mode.name === "call" && !isCalling()) mode = PERSON;
  else if (mode.name === "call") callAt = called()?.dataset.choice ? nextCalled(0) : callAt;
  else if (mode === PERSON && !text && !chosen && isCalling() && detail.changed.includes("bar")) {
    mode = { name: "call" };
    callAt = nextCalled(0);
  }
  render();
  if (detail.changed.includes("agenda")) revealCurrent();
});
document.addEventListener("live:link", ({ detail }) => {
  if (detail.state === "online" && unconfirmed) check();
  else if (detail.state === "online" && wasOffline) say("La liaison est revenue. Rien n’est parti entre-temps.");
  wasOffline = detail.state === "offline";
  render();
});
// What was typed in the notes is safe: they may follow the sitting again.
new MutationObserver(release).observe(root.querySelector(".pane-notes"), {
  subtree: true,
  attributeFilter: ["data-autosave-state"],
});

render();
if (isCalling()) enter({ name: "call" });
revealCurrent();
focusField();
