/* page.js — small manners of every page.
 *
 *   details.menu              closes on Escape, on a click elsewhere, when focus leaves
 *   [data-submit-on-change]   a field that sends its form when it changes
 *   form[data-asks]           asks before the page is left with what was typed there
 *   form[method=post]         says that it works on it (in the words of data-working)
 *   details[data-opens]       open where the screen has room for it, folded on a telephone
 *   iframe.paper-frame        as tall as the paper in it: the page scrolls, nothing is cut half-way
 *   [data-copies="id"]        copies what this field holds; shown where there is JavaScript
 *   #offline                  the banner shown while the network is away
 *   [data-announce]           on a part that comes by itself: what is said of it
 *   toast(words)              a passing note, in place of the one before
 *   announce(words)           words for screen readers only; several at once are all said
 */

const STAYS = 8000; // ms

for (const each of document.querySelectorAll("details[data-opens]")) {
  each.open ||= matchMedia("(min-width: 62rem)").matches;
}

/** The token as it stands now: a sign-in in another tab changes it. */
export function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || "";
}

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-CSRFToken"] = csrfToken();
  if (detail.parameters.has?.("csrfmiddlewaretoken")) {
    detail.parameters.set("csrfmiddlewaretoken", csrfToken());
  }
});

function fit(frame) {
  const paper = frame.contentDocument?.documentElement;
  if (!paper) return;
  frame.style.height = "0"; // what fills the window of the frame follows it back
  frame.style.height = `${paper.scrollHeight}px`;
}
for (const frame of document.querySelectorAll("iframe.paper-frame")) {
  let width = 0;
  frame.addEventListener("load", () => fit(frame));
  new ResizeObserver(([seen]) => {
    if (seen.contentRect.width !== width) fit(frame);
    width = seen.contentRect.width;
  }).observe(frame);
}

const KEPT = 5;

export function announce(words) {
  const box = [...document.querySelectorAll("dialog[open] [data-announcer]")].at(-1) || document.getElementById("announcer");
  if (!box) return;
  const said = document.createElement("p");
  said.textContent = words;
  box.append(said);
  while (box.children.length > KEPT) box.firstElementChild.remove();
}

/* What a page or a part of it comes with: the first thing that is wrong takes the focus, what was
 * done is said. A region that was there from the start says nothing by itself. */
function arrive(part) {
  const wrong = part.querySelector("[aria-invalid=true], .findings, [role=alert]:not([hidden])");
  if (wrong) {
    const isField = wrong.matches("input, select, textarea, button, [tabindex]");
    if (!isField) wrong.tabIndex = -1;
    wrong.focus();
    if (isField) requestAnimationFrame(() => wrong.scrollIntoView({ block: "center" }));
  }
}
const [loaded] = performance.getEntriesByType("navigation");
const main = document.getElementById("contenu");
if (main && loaded?.responseStatus >= 400) arrive(main);
setTimeout(() => {
  for (const told of document.querySelectorAll(".messages .notice")) announce(told.innerText.trim());
}, 300);
document.body.addEventListener("htmx:afterSettle", ({ detail: { elt, xhr } }) => {
  if (elt.dataset.announce) announce(elt.dataset.announce);
  if (xhr?.status >= 400) arrive(elt);
});

export function toast(words) {
  const box = document.getElementById("toasts");
  const note = document.createElement("p");
  note.className = "note";
  note.append(words);
  box.replaceChildren(note);
  let leaving;
  const leaveSoon = () => (leaving = setTimeout(() => note.remove(), STAYS));
  note.addEventListener("pointerenter", () => clearTimeout(leaving));
  note.addEventListener("pointerleave", leaveSoon);
  leaveSoon();
}

for (const each of document.querySelectorAll("[data-with-copies]")) each.hidden = false;
document.addEventListener("click", async (event) => {
  const copier = event.target.closest?.("[data-copies]");
  if (!copier) return;
  const { value } = document.getElementById(copier.dataset.copies);
  try {
    await navigator.clipboard.writeText(value);
  } catch {
    const told = Object.assign(document.createElement("textarea"), { value });
    copier.after(told);
    told.select();
    document.execCommand("copy");
    told.remove();
    copier.focus();
  }
  toast("Copié.");
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-submit-on-change]")) field.form.requestSubmit();
});
if (loaded?.type === "navigate") {
  for (const field of document.querySelectorAll("[data-submit-on-change]")) {
    const isChosen = field.files ? field.files.length : !field.selectedOptions[0]?.defaultSelected;
    if (isChosen) field.form.requestSubmit();
  }
}

const typed = new Set();
document.addEventListener("input", ({ target }) => {
  if (target.form?.hasAttribute("data-asks")) typed.add(target.form);
});
document.addEventListener("submit", ({ target }) => typed.delete(target));
addEventListener("beforeunload", (event) => {
  if (typed.size) event.preventDefault();
});

/* The first click was heard. */
const SLOW = 400; // ms

function busy(button, isBusy) {
  button.toggleAttribute("data-busy", isBusy);
  const { working } = button.dataset;
  if (working) {
    button.disabled = isBusy;
    if (isBusy) button.dataset.idle = button.textContent;
    button.textContent = isBusy ? working : button.dataset.idle;
  }
  if (isBusy) announce(working || "Un instant, c’est en cours.");
}
document.addEventListener("submit", (event) => {
  const { target: form, submitter: button } = event;
  if (!button || form.method !== "post" || button.formTarget || form.target) return;
  setTimeout(() => event.defaultPrevented || busy(button, true), SLOW);
});
addEventListener("pageshow", ({ persisted }) => {
  if (!persisted) return;
  for (const button of document.querySelectorAll("[data-busy]")) busy(button, false);
});

const offline = document.getElementById("offline");
export function network(isThere) {
  if (offline) offline.hidden = isThere;
}
addEventListener("offline", () => network(false));
addEventListener("online", () => network(true));
if (navigator.onLine === false) network(false);

document.body.addEventListener("htmx:sendError", () => {
  toast("Le serveur ne répond pas : rien n’a été enregistré. Recommencez quand la connexion sera revenue.");
});
document.body.addEventListener("htmx:responseError", ({ detail }) => {
  const words = {
    403: "Ce geste ne vous est pas ouvert, ou votre session a expiré. Rechargez la page.",
    404: "Ce que vous modifiez n’existe plus. Rechargez la page.",
    507: "Le serveur n’a plus de place : rien n’a été enregistré. Prévenez la personne qui s’en occupe.",
  };
  toast(words[detail.xhr.status] || "Le serveur n’a pas pu répondre : rien n’a été enregistré.");
});
