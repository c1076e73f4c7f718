/* names.js — People and items by their first letters, and hours. */
import { gesturesOf, here, people, person, points, tables } from "./screen.js";

export function fold(name) {
  return name
    .toLowerCase()
    .replaceAll("œ", "oe")
    .replaceAll("æ", "ae")
    .normalize("NFD")
    .replace(/[^\p{L}\p{N}]/gu, "");
}

/** Who may be meant now. */
export function among() {
  if (here.mode.name === "ask") return people().filter((each) => here.mode.may(each));
  return people().filter((each) => each.dataset.acts);
}

function beginsWith(each, first) {
  return !first || each.dataset.others.split(" ").some((other) => other.startsWith(first));
}

/** Those whose family name begins so; after a space, whose first name does too. */
export function byLastName(typed) {
  const [last, first = ""] = typed.split(" ").map(fold);
  if (!last) return [];
  return shown(among().filter((each) => each.dataset.last.startsWith(last) && beginsWith(each, first)));
}

/** Substitutes who are not there come only where nobody else is meant. */
function shown(known) {
  const there = known.filter((each) => !each.classList.contains("is-latent"));
  return there.length ? there : known;
}

export function matching(typed) {
  const known = byLastName(typed);
  if (known.length || !fold(typed)) return known;
  const start = fold(typed);
  return shown(among().filter((each) => beginsWith(each, start)));
}

/** The one who is meant without doubt, or null. */
export function designated(typed) {
  if (here.chosen) return person(here.chosen);
  const known = matching(typed);
  if (known.length === 1) return known[0];
  const exact = known.filter((each) => each.dataset.last === fold(typed.split(" ")[0]));
  return exact.length === 1 ? exact[0] : null;
}

/** The keys that make this gesture from here: a letter that goes on with the name is told twice. */
export function keysFor(letter) {
  if (here.chosen || hourOf(here.text)) return letter;
  let [typed, keys] = [here.text, ""];
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
export function isDoubtful(typed) {
  const [before, last] = [typed.slice(0, -1), typed.slice(-1)];
  const someone = designated(typed);
  const isEnough = fold(before).length >= 3 && byLastName(before).length === 1;
  const wasEnough = fold(before).length > 3 && byLastName(before.slice(0, -1)).length === 1;
  const isWhole = fold(typed) === someone?.dataset.last;
  return Boolean(someone && isEnough && !wasEnough && !isWhole && gestureOf(someone, last));
}

/** What this letter does to her, if it may now. */
export function gestureOf(someone, letter) {
  return gesturesOf(someone).find((name) => tables.gestures[name].letter === letter);
}

/* "bes1832": a name, then an hour. */
export function nameOf(typed) {
  return typed.replace(/\d.*$/, "");
}

export function hourOf(typed) {
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

export function matchingPoints() {
  const typed = fold(here.text);
  if (!typed) return points();
  const number = (each) => fold(each.dataset.number);
  const exact = points().filter((each) => number(each) === typed);
  if (exact.length) return exact;
  const words = (each) => each.dataset.title.split(/[\s'’-]+/).map(fold);
  return points().filter(
    (each) => number(each).startsWith(typed) || fold(each.dataset.title).includes(typed) || words(each).some((w) => w.startsWith(typed)),
  );
}

export function chosenPoint() {
  const known = matchingPoints();
  return known.find((each) => each.dataset.point === here.chosen) || (here.text ? known[0] : null);
}
