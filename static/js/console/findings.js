/* findings.js — What is wrong in a window, said at its field; what is asked before it is done. */
import { announce } from "../page.js";

/** The button of a window says what it does once its consequences were read; "" for as usual. */
export function makeSure(dialog, words, code) {
  const button = dialog.querySelector("[type=submit]");
  button.dataset.usual ??= button.textContent;
  button.textContent = words ? words[0].toUpperCase() + words.slice(1) : button.dataset.usual;
  if (!words) return dialog.querySelectorAll("[name=sure]").forEach((each) => each.remove());
  const sure = Object.assign(document.createElement("input"), { type: "hidden", name: "sure", value: code });
  dialog.querySelector("form").append(sure);
  announce(`Entrée\u00a0: ${words}.`);
}

/** This note describes this field, beside what did already. */
export function describe(element, note) {
  note.id ||= `${element.id || element.closest("dialog").id}-note-${(noted += 1)}`;
  element.setAttribute("aria-describedby", [element.getAttribute("aria-describedby"), note.id].filter(Boolean).join(" "));
}
let noted = 0;

/** Forget a note and whoever it described. */
function erase(note) {
  for (const element of document.querySelectorAll(`[aria-describedby~="${CSS.escape(note.id)}"]`)) {
    const others = element.getAttribute("aria-describedby").split(" ").filter((id) => id !== note.id);
    if (others.length) element.setAttribute("aria-describedby", others.join(" "));
    else element.removeAttribute("aria-describedby");
  }
  note.remove();
}

/** Show each finding at its field, or above; returns the first field that is wrong. */
export function showFindings(dialog, findings) {
  const place = dialog.querySelector("[data-findings]");
  if (!place) return undefined;
  for (const wrong of dialog.querySelectorAll("[aria-invalid]")) {
    wrong.classList.remove("is-invalid");
    wrong.removeAttribute("aria-invalid");
  }
  dialog.querySelectorAll(".invalid-feedback").forEach(erase);
  const [elsewhere, wrong] = [[], []];
  for (const finding of findings) {
    const words = [finding.message, finding.article && `(${finding.article})`, finding.remedy].filter(Boolean).join(" ");
    const field = finding.field && dialog.querySelector(`[name="${CSS.escape(finding.field)}"]:not([type=hidden])`);
    const note = document.createElement("p");
    note.textContent = words;
    if (field) {
      const group = ["checkbox", "radio"].includes(field.type) && field.closest("fieldset");
      note.className = "invalid-feedback d-block";
      if (group) group.querySelector("legend").after(note);
      else field.after(note);
      describe(group || field, note);
      if (!group) field.classList.add("is-invalid");
      if (field.type !== "radio") field.setAttribute("aria-invalid", "true");
      field.closest("details")?.setAttribute("open", "");
      wrong.push({ field, words });
    } else {
      note.className = "finding finding-refus";
      elsewhere.push(note);
    }
  }
  place.replaceChildren(...elsewhere);
  // The focus may be on the first already: a description is not read again.
  const [first] = wrong;
  if (first) announce(`${wrong.length > 1 ? `${wrong.length} champs` : "Un champ"} à corriger\u00a0: ${first.words}`);
  return first?.field;
}
