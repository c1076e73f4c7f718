/* tablet.js — a delegate's vote sent without leaving the page.
 *
 *   form[data-tablet]        sent by live.js, which shows the news that come back
 *   [data-choice]            an answer to a vote: pressed once it is received, until the news come
 *   [data-received]          where it is said that it was
 *   [data-tablet-refusal]    where a refusal is said
 *
 * Nothing is queued: without a link the vote is refused at once, here, in words. Without this
 * script the same forms are sent as forms are.
 */
import { overtake, post } from "./live.js";
import { toast } from "./page.js";

const refusal = document.querySelector("[data-tablet-refusal]");
const LOST = {
  offline: "Hors ligne\u00a0: votre vote n’est pas parti. Levez la main.",
  unconfirmed: "Le serveur n’a pas répondu\u00a0: regardez ci-dessous si votre vote est reçu.",
  "signed-out": "Votre session a expiré. Reconnectez-vous.",
  failing: "Le serveur n’a pas pu enregistrer votre vote. Levez la main.",
};
let isSending = false;

function refuse(words) {
  refusal.textContent = words;
  refusal.hidden = !words;
}

function fieldsOf(form, submitter) {
  const fields = Object.fromEntries(new FormData(form));
  if (submitter?.name) fields[submitter.name] = submitter.value;
  delete fields.csrfmiddlewaretoken;
  return fields;
}

/** A vote is answered in words; what everybody sees of it comes with the news. */
function showReceived(form, choice, { message, stamp }) {
  form.classList.add("is-done");
  for (const button of form.querySelectorAll("[data-choice]")) button.setAttribute("aria-pressed", String(button === choice));
  form.querySelector("[data-received]").textContent = message;
  overtake("mine", stamp);
}

document.addEventListener("submit", async (event) => {
  const form = event.target;
  if (!form.matches("[data-tablet]")) return;
  event.preventDefault();
  delete form.dataset.isSent; // the same form may be sent again: a vote changes until the close
  if (isSending) return;
  isSending = true;
  refuse("");
  form.setAttribute("aria-busy", "true");
  const { kind, reply } = await post(form.action, fieldsOf(form, event.submitter));
  isSending = false;
  form.removeAttribute("aria-busy");
  if (kind !== "answered") refuse(LOST[kind]);
  else if (!reply.ok) refuse(reply.message);
  else {
    toast(reply.message);
    if (!reply.regions) showReceived(form, event.submitter, reply);
  }
});

document.addEventListener("live:link", ({ detail }) => detail.state === "online" && refuse(""));
addEventListener("online", () => refuse(""));
