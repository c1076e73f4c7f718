/* screen.js — The page, which says who may do what, and where one is in it. */

export const root = document.querySelector("[data-console]");
export const input = document.getElementById("command");
export const hour = document.getElementById("hour");
export const told = document.getElementById("told");
export const prompt = document.getElementById("prompt");
export const found = document.getElementById("found");
export const hints = document.getElementById("hints");
export const keys = document.getElementById("keys");
export const tables = JSON.parse(document.getElementById("tables").textContent);

/** A name is expected: where one is unless something else was begun. */
export const PERSON = { name: "person" };

/** Where one is, and what is typed there; the only memory besides the page. */
export const here = {
  mode: PERSON,
  text: "", // what is typed, as `mode` understands it
  chosen: "", // key of a person, or of an item, pointed at rather than typed
  isShifted: false,
  isLost: false, // a letter was refused: nothing acts until what is typed is taken back
  unconfirmed: null, // the act that got no answer
  wasOffline: false,
  callAt: 0, // rank in the roll call
};
export const inFlight = new Map(); // seat → answer on its way

/** Something moved in `here`: the page is drawn anew, at once (drawing.js). */
export function render() {
  root.dispatchEvent(new Event("moved"));
}

export function focusField() {
  if (here.mode.name === "menu") return;
  // On a telephone the keyboard would cover half of what is to be seen.
  if (matchMedia("(pointer: coarse)").matches && here.mode.name !== "words") return;
  input.focus({ preventScroll: true });
}

export function moment() {
  return JSON.parse(root.querySelector("[data-moment]").dataset.moment);
}

export function people() {
  return [...root.querySelectorAll("#roll .person")];
}

export function person(key) {
  return key ? root.querySelector(`#roll .person[data-key="${CSS.escape(key)}"]`) : null;
}

export function gesturesOf(someone) {
  return someone ? someone.dataset.acts.split(" ").filter(Boolean) : [];
}

export function points() {
  return [...root.querySelectorAll("#agenda [data-point]")];
}
