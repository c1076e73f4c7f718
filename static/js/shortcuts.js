/* shortcuts.js — keys that act on the page, and the list of them under "?".
 *
 *   data-key-go="Alt+PageDown"   on a link, a button or a field: the key presses or enters it
 *
 * Keys without Alt or Ctrl sleep while one types. Whoever dictates to the machine or brushes keys
 * by accident can put all single keys to sleep for good, those of the roll and of the console too,
 * from any list of keys (WCAG 2.1.4).
 */

const SLEEP = "single-keys-asleep";
/* Keys that other modules listen to, told wherever what they act on is on the page. */
const ELSEWHERE = [
  ["[data-roll]", "P E A", "présent, excusé, absent, puis la personne suivante"],
  ["[data-roll]", "ArrowUp ArrowDown", "d’une personne à l’autre"],
  ["[data-agenda]", "Alt+ArrowUp Alt+ArrowDown", "déplacer le point"],
  ["[data-agenda]", "Alt+ArrowRight Alt+ArrowLeft", "sous le point précédent, hors de sa section"],
  ["[data-agenda]", "ArrowUp ArrowDown", "d’un point à l’autre"],
  ["[data-agenda]", "X Maj+X", "cocher le point, les cocher tous"],
  ["[data-agenda]", "D Delete", "dupliquer, retirer le point ou ceux qui sont cochés"],
  ["[data-take-back]", "Ctrl+Z", "annuler le dernier geste"],
  ["[data-titles]", "Enter Maj+Enter", "ajouter, aller à la ligne"],
  ["[data-pieces]", "Alt+ArrowUp Alt+ArrowDown", "déplacer la pièce jointe"],
  ["form[data-autosave]", "Ctrl+S", "enregistrer tout de suite"],
  ["[data-debate]", "Ctrl+B Ctrl+I", "gras, italique"],
  ["[data-passage]", "Ctrl+Enter", "terminer le texte ouvert et le relire"],
  ["[data-debate]", "Tab Maj+Tab", "descendre, remonter d’un niveau de liste"],
];
const NAMES = {
  PageUp: "Page préc.",
  PageDown: "Page suiv.",
  Enter: "Entrée",
  Shift: "Maj",
  Control: "Ctrl",
  Delete: "Suppr",
  ArrowUp: "↑",
  ArrowDown: "↓",
  ArrowLeft: "←",
  ArrowRight: "→",
};

export function areAsleep() {
  try {
    return localStorage.getItem(SLEEP) === "yes";
  } catch {
    return false;
  }
}

/* With Alt, the digits are those engraved on the keys: a French keyboard types "&" on its 1. */
function chord(event) {
  const held = [event.ctrlKey && "Control", event.altKey && "Alt"].filter(Boolean);
  const digit = event.altKey && /^Digit(\d)$/.exec(event.code)?.[1];
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  return [...held, digit || key].join("+");
}

function isTyping(element) {
  return element.isContentEditable || element.matches("input:not([type=radio], [type=checkbox]), select, textarea");
}

function visible(element) {
  return element.getClientRects().length > 0 && !element.closest("[aria-hidden=true]");
}

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const keys = chord(event);
  const isSingle = !keys.includes("+");
  if (isSingle && (isTyping(event.target) || areAsleep())) return;
  if (keys === "?") {
    event.preventDefault();
    help();
    return;
  }
  const wanted = [...document.querySelectorAll("[data-key-go]")].find(
    (element) => element.dataset.keyGo.replace("Ctrl", "Control") === keys && visible(element),
  );
  if (!wanted) return;
  event.preventDefault();
  if (wanted.matches("input, select, textarea")) wanted.focus();
  else wanted.click();
});

function keycaps(keys) {
  const box = document.createElement("span");
  for (const key of keys.split("+")) {
    const cap = document.createElement("kbd");
    cap.textContent = NAMES[key] || (key.length === 1 ? key.toUpperCase() : key);
    box.append(cap, " ");
  }
  return box;
}

/** The one switch of single keys, for a list of keys. */
export function singleKeys() {
  const single = document.createElement("label");
  single.className = "form-check";
  const tick = document.createElement("input");
  tick.type = "checkbox";
  tick.className = "form-check-input";
  tick.defaultChecked = !areAsleep(); // a form that is put back as it was keeps it
  tick.addEventListener("change", () => {
    tick.defaultChecked = tick.checked;
    try {
      if (tick.checked) localStorage.removeItem(SLEEP);
      else localStorage.setItem(SLEEP, "yes");
    } catch {
      tick.disabled = true;
    }
  });
  single.append(tick, " Raccourcis d’une seule touche");
  return single;
}

function help() {
  const dialog = document.createElement("dialog");
  dialog.className = "ask";
  dialog.setAttribute("aria-labelledby", "keys-title");
  const title = document.createElement("h2");
  title.className = "ask-title";
  title.id = "keys-title";
  title.textContent = "Raccourcis clavier";
  const list = document.createElement("dl");
  list.className = "facts keys";
  const line = (keys, words) => {
    const [term, told] = [document.createElement("dt"), document.createElement("dd")];
    term.append(keys);
    told.textContent = words;
    list.append(term, told);
  };
  for (const element of document.querySelectorAll("[data-key-go]")) {
    if (visible(element)) {
      const words = element.getAttribute("aria-label") || element.labels?.[0]?.innerText || element.innerText;
      line(keycaps(element.dataset.keyGo), words.trim());
    }
  }
  for (const [where, keys, words] of ELSEWHERE) {
    if (!document.querySelector(where)) continue;
    const box = document.createElement("span");
    for (const one of keys.split(" ")) box.append(keycaps(one), " ");
    line(box, words);
  }
  line(keycaps("?"), "cette liste");
  const foot = document.createElement("div");
  foot.className = "ask-foot";
  const close = document.createElement("button");
  close.type = "button";
  close.className = "btn btn-secondary";
  close.textContent = "Fermer";
  close.addEventListener("click", () => dialog.close());
  foot.append(close);
  dialog.append(title, list, singleKeys(), foot);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

for (const button of document.querySelectorAll("[data-shortcuts-help]")) {
  button.hidden = false;
  button.addEventListener("click", help);
}
