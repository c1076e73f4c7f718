/* acting.js — Acts sent one after the other, and what becomes of those that got no answer. */
import { button } from "../dialog.js";
import { newKey, post, refresh } from "../live.js";
import { makeSure, showFindings } from "./findings.js";
import { enter, leave } from "./modes.js";
import { refuse, say } from "./saying.js";
import { here, moment, render, root, told } from "./screen.js";

let line = Promise.resolve();
let acting = 0; // acts whose turn has not come, or that are not over

/** One act after the other; `job` reads the page when its turn comes. Until the last is over, the
 * console says so (`data-acting`). */
export function inTurn(job) {
  acting += 1;
  root.dataset.acting = "";
  line = line
    .then(job)
    .catch((error) => {
      refuse("Cette action n’a pas abouti\u00a0: rechargez la page.");
      throw error;
    })
    .finally(() => {
      acting -= 1;
      if (!acting) delete root.dataset.acting;
    });
  return line;
}

/** Send one act; resolves to whether it was done. `again` is the typed text to give back. */
export async function submit(verb, fields, { label = "", again = "", dialog = null, key = newKey() } = {}) {
  if (here.unconfirmed && here.unconfirmed.key !== key) {
    await check();
    if (here.unconfirmed) {
      giveBack(again);
      return false;
    }
  }
  const pairs = fields instanceof Array ? fields : Object.entries(fields);
  const answer = await post(root.dataset.acts, [["verb", verb], ...pairs], key);
  if (answer.kind === "answered") {
    if (here.unconfirmed?.key === key) here.unconfirmed = null;
    return answered(answer.reply, { verb, fields: pairs, again, dialog });
  }
  const what = label || "cette action";
  if (answer.kind === "unconfirmed") {
    // Not given back: perhaps it is done, and the next letters would act on whoever is named.
    here.unconfirmed = { verb, fields: pairs, key, label: what, dialog };
    sayUnconfirmed();
  } else {
    giveBack(again);
    refuse(answer.kind === "offline" ? `Hors ligne\u00a0: rien n’est envoyé (${what}).` : `Rien n’est enregistré (${what}).`);
  }
  if (dialog) showFindings(dialog, [{ message: told.textContent }]);
  return false;
}

function answered(reply, { verb, fields, again, dialog }) {
  if (reply.ok) {
    const warnings = reply.findings || [];
    // Nothing is heard from behind a window.
    if (dialog?.open) dialog.close();
    say(reply.message, warnings.length ? "is-warned" : "", warnings);
    return true;
  }
  giveBack(again);
  // Said in the window, it is not said again under its veil.
  if (!dialog?.open || !reply.findings?.length) say(reply.message, "is-refused", reply.findings);
  const wrong = dialog && showFindings(dialog, reply.findings);
  if (!reply.asks) wrong?.focus();
  if (reply.asks) wonder(reply, { verb, fields, dialog });
  if (reply.proof) prove(reply.proof, dialog);
  // A word more is wanted: what is made of those who did not answer.
  if (verb === "proclaim" && reply.findings?.some((each) => each.code === "sieges_sans_vote")) {
    enter({
      name: "confirm",
      question: moment().poll.silence,
      words: "proclamer ainsi",
      escape: "attendre",
      act: () => inTurn(() => submit("proclaim", [...fields, ["complete", "on"]])),
    });
  }
  return false;
}

/** Lawful, or an error: asked once more, in the window if one is open, it is done. One press
 * answers one question: what else is doubtful is asked next. */
function wonder({ asks: words, findings: [{ code }] }, { verb, fields, dialog }) {
  if (dialog?.open) return makeSure(dialog, words, code);
  const others = fields.filter(([name]) => name !== "sure");
  const sure = [...fields.filter(([name]) => name === "sure").map(([, codes]) => codes), code].join(" ");
  return enter({
    name: "confirm",
    question: "Confirmer\u00a0?",
    words,
    escape: "annuler",
    act: () => inTurn(() => submit(verb, [...others, ["sure", sure]])),
  });
}

/** The papers of this sitting are out: whoever changes it says again who she is, then is back here. */
function prove(page, dialog) {
  dialog?.close();
  enter({
    name: "confirm",
    question: told.textContent,
    words: "confirmer que c’est moi",
    escape: "annuler",
    act: () => location.assign(page),
  });
}

function giveBack(typed) {
  if (!typed || here.text || here.mode.name !== "person") return;
  here.text = typed;
  render();
}

function sayUnconfirmed() {
  say(`Non confirmé\u00a0: ${here.unconfirmed.label}. Le serveur n’a pas répondu.`, "is-pending", [], [
    button("Vérifier", "btn-secondary btn-sm", () => check()),
  ]);
}

const AGAIN = 2000; // ms: a question that got no answer either
let due = 0;

/** Ask what became of the act that got no answer, until one learns it; nothing is done by asking.
 * It may still be on its way when the server says that it knows nothing of it. */
export async function check() {
  const act = here.unconfirmed;
  if (!act) return;
  let answer;
  try {
    const asked = await fetch(`${root.dataset.acts}${act.key}/`, {
      headers: { Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(6000),
    });
    if (asked.ok) answer = await asked.json();
  } catch {
    // As when it says nothing that can be read.
  }
  if (here.unconfirmed !== act) return;
  if (!answer) {
    clearTimeout(due);
    due = setTimeout(check, AGAIN);
    return;
  }
  const { label, dialog } = act;
  if (answer.done) {
    here.unconfirmed = null;
    here.wasOffline = false; // what is said now says more than that the link is back
    if (dialog?.open) dialog.close();
    say(`Confirmé\u00a0: ${answer.reply?.message || label}`);
    if (here.mode.isResend) leave();
    await refresh();
    return;
  }
  if (act.isMissing) return; // said already
  act.isMissing = true;
  say(`Pas reçu par le serveur\u00a0: ${label}. Rien n’a été fait.`, "is-pending");
  enter({
    name: "confirm",
    isResend: true,
    question: "Pas reçu",
    words: `Renvoyer\u00a0: ${label}`,
    escape: "oublier",
    act: () => {
      const { verb, fields, key, dialog: from } = here.unconfirmed;
      inTurn(() => submit(verb, fields, { label, key, dialog: from }));
    },
    forget: () => {
      here.unconfirmed = null;
      say(`Oublié\u00a0: ${label}. Rien n’a été fait.`);
    },
  });
}
