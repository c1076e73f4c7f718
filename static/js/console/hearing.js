/* hearing.js — What the console shows to whoever looks is said to whoever does not.
 *
 *   data-said="quorum"   its text is said when it comes up and when it changes
 *   data-line="12"       a line of the ledger: who wrote it is told by `#told`, and not twice
 *   data-alarm="…"       said over whatever is being said, with the text that stands for it
 *
 * The keys of the moment (`#keys`) describe the field, and are said when they change; those of
 * rest, when no name is begun, only when they are others than the last time.
 */
import { announce } from "../page.js";
import { PERSON, found, here, keys, moment, people, prompt, root, tables, told } from "./screen.js";

const REST = 100; // ms: fast hands hear where they are, not where they passed
const PACE = 2500; // ms: sixty tablets are not said one by one
const FEW = 3; // votes told by name; more are told by their figures

const alarm = document.getElementById("alarm");
const mine = new Set(); // lines of the ledger that this page wrote

function words(element) {
  return element?.textContent.replace(/\s+/g, " ").trim() ?? "";
}

function sentence(parts) {
  return parts.map((part) => (/[.?!…]$/.test(part) ? part : `${part}.`)).join(" ");
}

/* The sitting --------------------------------------------------------------------------------- */

function seen() {
  const each = [...root.querySelectorAll("[data-said]")];
  return {
    said: new Map(each.map((one) => [one.dataset.said, one.dataset.line && mine.has(one.dataset.line) ? "" : words(one)])),
    votes: new Map(people().map((one) => [one.id, one.dataset.seat && one.dataset.choice])),
    poll: moment().poll?.pk,
    quorum: root.querySelector("[data-alarm]").dataset.alarm,
  };
}

let before = seen();
let due = 0;
let saidAt = -PACE;
let isMine = false;

/** Something changed: `lines` are those of an act of this page, undefined when it came from elsewhere. */
export function hear(lines) {
  for (const line of lines || []) mine.add(String(line));
  isMine ||= Boolean(lines);
  clearTimeout(due);
  due = setTimeout(tellNews, isMine ? REST : Math.max(REST, saidAt + PACE - performance.now()));
}

function tellNews() {
  const [old, now, answered] = [before, seen(), words(told)];
  const isKnown = (text) => isMine && answered.includes(text.replace(/\.$/, "").replaceAll("\u00a0", " "));
  const news = [];
  for (const [key, text] of now.said) {
    const isFlipped = key === "quorum" && now.quorum !== old.quorum;
    if (isFlipped && document.querySelector("dialog[open]")) announce(sentence([now.quorum, text]));
    else if (isFlipped) alarm.textContent = sentence([now.quorum, text]);
    else if (text && old.said.get(key) !== text && !isKnown(text)) news.push(text);
  }
  news.push(...votesSince(old, now).filter((text) => !isKnown(text)));
  if (old.poll && !now.poll && !isMine) news.push("Le vote n’est plus ouvert.");
  [before, isMine] = [now, false];
  if (!news.length) return;
  saidAt = performance.now();
  announce(sentence(news));
}

function votesSince(old, now) {
  if (!now.poll) return [];
  const usual = (id) => (old.poll === now.poll ? old.votes.get(id) : "pour");
  const changed = people().filter(({ id }) => now.votes.get(id) && now.votes.get(id) !== usual(id));
  if (changed.length > FEW) return [words(root.querySelector(".figures-row"))];
  const of = (choice) => Object.values(tables.gestures).find((each) => each.choice === choice).words;
  return changed.map(({ id, dataset }) => `${dataset.name}\u00a0: ${of(now.votes.get(id))}`);
}

/* The keys ------------------------------------------------------------------------------------ */

let last = asked();
let atRest = "";
let pending = 0;
const fresh = new Set(); // what was drawn otherwise since one last spoke

function asked() {
  return { question: words(prompt), found: found.dataset.said || "", keys: words(keys) };
}

/** What is asked, how many answer to it, what may be pressed next. */
export function spell() {
  const now = asked();
  for (const [name, text] of Object.entries(now)) if (text !== last[name]) fresh.add(name);
  last = now;
  clearTimeout(pending);
  pending = setTimeout(tellKeys, REST);
}

function tellKeys() {
  const isRest = here.mode === PERSON && !here.text && !here.chosen;
  if (isRest && last.keys === atRest) fresh.delete("keys");
  if (isRest) atRest = last.keys;
  const parts = Object.keys(last).filter((name) => fresh.has(name) && last[name]);
  fresh.clear();
  if (parts.length) announce(sentence(parts.map((name) => last[name])));
}
