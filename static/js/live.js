/* live.js — regions of a page that follow a sitting, and acts that are never sent twice.
 *
 *   <main data-live="/seances/7/direct/etat/" data-every="1000" data-stamp="41" data-now="1764083012">
 *     <section data-region="roll">…</section>
 *     <p class="live-link" data-live-link role="status" hidden></p>
 *     <time data-clock></time>                  the hour of the server, in Paris
 *     <input data-clock-hint>                   the same, in an empty field
 *     <time data-since="1764083000"></time>     how long ago it was, by the server's clock
 *
 * The page asks with If-None-Match and says that it listens. A server that tells the news answers as
 * long as the page listens, a line of JSON each time (live/stream.py):
 *   {"mark": "…", "stamp": 42, "now": 1764083013, "regions": {"roll": "<html>"}}     news
 *   {"now": 1764083016.2}                                                          nothing, and alive
 * Any other answers at once, a 304 when there is nothing new, and is asked again each second; so is
 * one whose answer somebody on the way keeps to himself, and one asked by a page that nobody sees.
 * Only regions whose HTML is other than the last one are changed, never the one in which
 * somebody types: it waits until the focus leaves it. After a change `htmx:load` is told from the
 * region, so that autosave.js and editor.js take up what came in.
 *
 * Told on the document: `live:change` {stamp, changed, lines}, where `lines` are those of the ledger
 * that an act of this page wrote, undefined for news from elsewhere; `live:link` {state}. Nothing is queued:
 * `post` refuses when there is no link, and says so when an act got no answer.
 */
import { csrfToken } from "./page.js";

const PATIENCE = 6000; // ms without a word: the link is lost
const ALONE = 600000; // ms of plain questions where the news did not come through
const LISTENS = "application/x-ndjson";
const main = document.querySelector("[data-live]");
const link = document.querySelector("[data-live-link]");
const words = {
  offline: link?.dataset.offline || "Hors ligne\u00a0: rien n’est envoyé.",
  failing: link?.dataset.failing || "Le serveur ne répond pas comme il faut\u00a0: rien n’est enregistré.",
  "signed-out":
    link?.dataset.signedOut || "Votre session a expiré. Reconnectez-vous dans un autre onglet, puis revenez ici.",
};
const known = new Map(); // region → the HTML it shows
const waiting = new Map(); // region → the HTML that waits for the focus to leave

let stamp = Number(main?.dataset.stamp || -1);
let etag = "";
let state = "online";
let heardAt = 0;
let timer = null;

/* The hour ---------------------------------------------------------------------------------- */

/* The clock of this machine may be wrong by an hour: only its stopwatch is believed. */
let offset = Number(main?.dataset.now || Date.now() / 1000) * 1000 - performance.now();

/** What the server's clock shows now, in milliseconds. */
function serverNow() {
  return offset + performance.now();
}

/** Believe this hour of the server, in milliseconds, unless it says what is known. */
function hear(date) {
  // A machine that slept comes back far behind.
  const heard = date - performance.now();
  if (Math.abs(heard - offset) > 1500) offset = heard;
}

/** The hour of an answer; its header counts whole seconds. */
function hearHeader(answer) {
  const date = Date.parse(answer.headers.get("Date") || "");
  if (!Number.isNaN(date)) hear(date + 500);
}

const paris = new Intl.DateTimeFormat("fr-FR", {
  timeZone: "Europe/Paris",
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
});

function pad(number) {
  return String(number).padStart(2, "0");
}

function elapsed(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  const rest = `${pad(minutes)}:${pad(whole % 60)}`;
  return hours ? `${hours}:${rest}` : rest;
}

function tick() {
  const now = serverNow();
  for (const element of document.querySelectorAll("[data-clock]")) {
    element.textContent = paris.format(now);
  }
  for (const field of document.querySelectorAll("[data-clock-hint]")) {
    field.placeholder = paris.format(now).slice(0, 5);
  }
  for (const element of document.querySelectorAll("[data-since]")) {
    element.textContent = elapsed(now / 1000 - Number(element.dataset.since));
  }
}

/* The link ---------------------------------------------------------------------------------- */

function become(next) {
  if (link) {
    link.hidden = next === "online";
    if (next !== "online") {
      const since = heardAt ? ` Dernières nouvelles à ${paris.format(heardAt)}.` : "";
      const told = words[next] + since;
      if (link.textContent !== told) link.textContent = told;
    }
  }
  if (next === state) return;
  state = next;
  document.documentElement.dataset.link = next;
  document.dispatchEvent(new CustomEvent("live:link", { detail: { state } }));
}

function meaning(answer) {
  const isSignedOut = answer.type === "opaqueredirect" || [401, 403].includes(answer.status);
  return isSignedOut ? "signed-out" : "failing";
}

/* Regions ----------------------------------------------------------------------------------- */

function regionOf(id) {
  return document.querySelector(`[data-region="${CSS.escape(id)}"]`);
}

function isTypedIn(region) {
  const focused = document.activeElement;
  return (
    region.querySelector('[data-autosave-state="dirty"], [data-autosave-state="saving"], [data-autosave-state="failed"]') ||
    (region.contains(focused) && (focused.isContentEditable || focused.matches("input, textarea, select")))
  );
}

function show(region, html) {
  const focused = region.contains(document.activeElement) ? document.activeElement.id : "";
  const scrolled = [...region.querySelectorAll("[data-scroll]")].map((box) => [box.dataset.scroll, box.scrollTop]);
  region.innerHTML = html;
  for (const [name, top] of scrolled) {
    const box = region.querySelector(`[data-scroll="${CSS.escape(name)}"]`);
    if (box) box.scrollTop = top;
  }
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  region.dispatchEvent(new CustomEvent("htmx:load", { bubbles: true, detail: { elt: region } }));
}

/** Take the news of an answer; what is older than what is shown is left alone. */
function receive(answer) {
  // A page that may not count what is written is dated by a word, which is of no order.
  if (!answer?.regions || answer.stamp < stamp) return [];
  const isFirst = !known.size && String(answer.stamp) === main.dataset.stamp;
  stamp = Number(answer.stamp);
  const changed = [];
  for (const [id, html] of Object.entries(answer.regions)) {
    if (known.get(id) === html && !waiting.has(id)) continue;
    const region = regionOf(id);
    known.set(id, html);
    // The page was drawn from the same state: it already shows this.
    if (!region || isFirst) continue;
    if (isTypedIn(region)) {
      waiting.set(id, html);
      continue;
    }
    waiting.delete(id);
    show(region, html);
    changed.push(id);
  }
  tick();
  document.dispatchEvent(new CustomEvent("live:change", { detail: { stamp, changed, lines: answer.lines } }));
  return changed;
}

/** This page changed a region by itself, by an act that was done at this stamp: whatever the news
 * say of it since then is shown, and what was read before is left alone. */
export function overtake(id, since) {
  known.delete(id);
  stamp = Math.max(stamp, since);
}

/** Show what waited, where nobody types any more. */
export function release() {
  const changed = [];
  for (const [id, html] of [...waiting]) {
    const region = regionOf(id);
    if (region && isTypedIn(region)) continue;
    waiting.delete(id);
    if (region) {
      show(region, html);
      changed.push(id);
    }
  }
  if (changed.length) {
    document.dispatchEvent(new CustomEvent("live:change", { detail: { stamp, changed } }));
  }
}

document.addEventListener("focusout", () => setTimeout(release, 0));

/* Asking ------------------------------------------------------------------------------------ */

let plainUntil = 0; // on the stopwatch: the news do not come through before
let listening = null; // what ends the answer that goes on

/** A signal that ends a question when nothing was heard for a while; `again` gives it more time. */
function patience() {
  const control = new AbortController();
  let late;
  const again = () => {
    clearTimeout(late);
    late = setTimeout(() => control.abort(), PATIENCE);
  };
  again();
  return { control, again, end: () => clearTimeout(late) };
}

/** Whether nothing was heard: perhaps somebody on the way waits for the end of the answer. */
function silent(waits) {
  const isSilent = waits.control.signal.aborted;
  if (isSilent) plainUntil = performance.now() + ALONE;
  return isSilent;
}

/** Ask; whether the answer goes on. */
async function ask() {
  const askedAt = serverNow();
  const wants = !document.hidden && performance.now() >= plainUntil;
  const waits = patience();
  let answer;
  try {
    answer = await fetch(main.dataset.live, {
      headers: {
        Accept: wants ? `${LISTENS}, application/json` : "application/json",
        ...(etag && { "If-None-Match": etag }),
      },
      cache: "no-store",
      redirect: "manual",
      signal: waits.control.signal,
    });
    const type = answer.headers.get("Content-Type") || "";
    if (answer.ok && type.includes(LISTENS)) return await listen(answer.body.getReader(), waits);
    waits.end();
    hearHeader(answer);
    if (answer.status === 304) {
      heardAt = serverNow();
      become("online");
    } else if (answer.ok && type.includes("json")) {
      const news = await answer.json();
      heardAt = serverNow();
      become("online");
      take(news, answer.headers.get("ETag"));
    } else {
      become(meaning(answer));
    }
  } catch {
    waits.end();
    silent(waits);
    // An act that was answered since says more of the link than an old question that was not.
    if (heardAt <= askedAt) become("offline");
  }
  return false;
}

function take(news, mark) {
  etag = mark || "";
  receive(news);
}

/** Show the first line of an answer that goes on, then the others as they come. */
async function listen(reader, waits) {
  const lines = linesOf(reader);
  const next = async () => {
    const { value, done } = await lines.next();
    if (done) return false;
    waits.again();
    hear(value.now * 1000);
    heardAt = serverNow();
    become("online");
    if (value.regions) take(value, value.mark);
    return true;
  };
  await next();
  listening = waits.control;
  (async () => {
    try {
      while (await next());
    } catch {
      // Cut, or silent: what it is, the next question learns.
    }
    waits.end();
    if (listening !== waits.control) return;
    listening = null;
    if (silent(waits)) become("offline");
    refresh();
  })();
  return true;
}

async function* linesOf(reader) {
  const decoder = new TextDecoder();
  let held = "";
  for (;;) {
    const { value, done } = await reader.read();
    if (done) return;
    const lines = (held + decoder.decode(value, { stream: true })).split("\n");
    held = lines.pop();
    for (const line of lines) yield JSON.parse(line);
  }
}

let asking = null;

/** Ask now; resolves when the answer is shown. */
export async function refresh() {
  clearTimeout(timer);
  const told = listening;
  listening = null;
  told?.abort();
  asking ??= ask()
    .then((goesOn) => {
      if (!goesOn) timer = setTimeout(refresh, Number(main.dataset.every || 1000));
    })
    .finally(() => {
      asking = null;
      if (listening && document.hidden) refresh(); // nobody looked any more when the answer came
    });
  return asking;
}

if (main) {
  tick();
  setInterval(tick, 500);
  refresh();
  addEventListener("offline", () => become("offline"));
  addEventListener("online", refresh);
  addEventListener("pageshow", (event) => event.persisted && refresh());
  document.addEventListener("visibilitychange", refresh);
}

/* Acting ------------------------------------------------------------------------------------ */

/** A key that no other act has; `crypto.randomUUID` is missing where the page is not https. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

/**
 * Send one act under its key; `fields` is an object, or pairs where a name comes twice. `kind` of
 * what comes back:
 *   answered      `reply`: {ok, message, findings, stamp, regions}; its regions are shown
 *   offline       there is no link: nothing was sent
 *   unconfirmed   sent, and no answer came: ask again with the same key
 *   signed-out, failing
 */
export async function post(url, fields, key = newKey()) {
  if (state === "offline" || navigator.onLine === false) return { kind: "offline", key };
  const body = new URLSearchParams(fields);
  body.set("key", key);
  let answer;
  try {
    answer = await fetch(url, {
      method: "POST",
      body,
      headers: { Accept: "application/json", "X-CSRFToken": csrfToken() },
      redirect: "manual",
      signal: AbortSignal.timeout(PATIENCE),
    });
    hearHeader(answer);
    if ((answer.headers.get("Content-Type") || "").includes("json")) {
      const reply = await answer.json();
      heardAt = serverNow();
      become("online");
      receive(reply);
      return { kind: "answered", key, reply };
    }
  } catch {
    become("offline");
    return { kind: "unconfirmed", key };
  }
  const told = meaning(answer);
  become(told);
  return { kind: told, key };
}
