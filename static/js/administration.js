/* administration.js — a name for what Django's own lists of suggestions leave without one.
 *
 * select2 draws, for a field that searches as one types, boxes that say neither what they are for
 * nor what they lead to; WCAG 4.1.2 asks for both. They come and go: each is told as it comes.
 * A field that takes a file is that of every page (files.js dresses those that come), and so are the
 * manners of menus and forms (page.js).
 */

import "./page.js";
import "./shortcuts.js";
import { dress } from "./files.js";

for (const field of document.querySelectorAll("#content input[type=file]")) field.classList.add("form-control");
dress(document);

// The name of a field stands above it: nothing follows on its line.
for (const label of document.querySelectorAll("#content .form-row label:not(:has(*))")) {
  label.textContent = label.textContent.replace(/\s*:\s*$/, "");
}
// Its words have the apostrophe of the house.
const said = window.gettext;
if (said) window.gettext = (words) => said(words).replaceAll("'", "’");
// Of the rows that are ticked, how many; nobody asks on how many the page has.
const many = window.ngettext;
if (many) {
  window.ngettext = (one, more, count) =>
    one.startsWith("%(sel)s of") ? `%(sel)s ${count > 1 ? "fiches cochées" : "fiche cochée"}` : many(one, more, count);
}

document.querySelector("#container > .tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// What is to be corrected first has the focus, once Django has given it to the first field.
addEventListener("load", () =>
  setTimeout(() => document.querySelector('#content [aria-invalid="true"]:not([type="hidden"])')?.focus()),
);

// « Continuer » without saying to what keeps the ticks, and asks.
const acts = document.querySelector('#changelist-form .actions select[name="action"]');
acts?.form.addEventListener("submit", (event) => {
  if (acts.value) return;
  event.preventDefault();
  acts.setCustomValidity("Choisissez d’abord ce qu’il faut faire des fiches cochées.");
  acts.reportValidity();
});
acts?.addEventListener("change", () => acts.setCustomValidity(""));

// A college is one of its body: those of the body that is chosen are offered, on an added line too.
const offered = new WeakMap(); // a choice of college → its groups, one a body

function narrow(body) {
  const colleges = document.getElementById(body.id.replace(/body$/, "constituency"));
  if (!colleges) return;
  if (!offered.has(colleges)) offered.set(colleges, [...colleges.querySelectorAll("optgroup")]);
  const name = body.value && body.selectedOptions[0].text;
  for (const group of offered.get(colleges)) {
    if (!name || group.label === name) colleges.append(group);
    else group.remove();
  }
  const isWithout = Boolean(name) && !colleges.querySelector("optgroup");
  colleges.closest(".form-row:not(tr), td").classList.toggle("hidden", isWithout);
}
document.addEventListener("change", (event) => {
  if (event.target.matches('select[id$="body"]')) narrow(event.target);
});
for (const body of document.querySelectorAll('#content select[id$="body"]')) narrow(body);

// What the quorum asks for is told of the share that is being written, not of the one that was saved.
const share = document.querySelector("#id_quorum_fraction[data-heads]");
const asks = document.querySelector(".field-quorum_strict .rule-said");
const basis = document.querySelector("#id_quorum_basis");

const SHARES = {
  "la moitié": [1, 2],
  "un tiers": [1, 3],
  "le tiers": [1, 3],
  "deux tiers": [2, 3],
  "les deux tiers": [2, 3],
  "trois quarts": [3, 4],
  "les trois quarts": [3, 4],
};

function part(words) {
  const [, top, bottom] = words.match(/^\s*(\d+)\s*\/\s*(\d+)\s*$/) || [];
  if (top) return [Number(top), Number(bottom)];
  const [, percent] = words.match(/^\s*(\d+(?:[.,]\d+)?)\s*%\s*$/) || [];
  if (percent) return [Number(percent.replace(",", ".")), 100];
  return SHARES[words.trim().toLowerCase()] || [0, 0];
}
if (share && asks && basis) {
  const [saved, heads] = [asks.textContent, Number(share.dataset.heads)];
  const tell = () => {
    const [top, bottom] = part(share.value);
    const isAsSaved = share.value === share.dataset.saved && basis.selectedOptions[0].defaultSelected;
    const isCounted = basis.value === "tetes" && heads && top > 0 && top < bottom;
    const beyond = Math.floor((heads * top) / bottom) + 1;
    const least = Math.max(1, Math.ceil((heads * top) / bottom));
    const said = /\d/.test(share.value) ? share.value.trim() : `${top}/${bottom}`;
    asks.textContent = isAsSaved
      ? saved
      : isCounted
        ? `Plus de ${said}, soit ${beyond} sur ${heads}\u00a0; ou au moins ${said}, soit ${least} sur ${heads}.`
        : "";
  };
  for (const field of [share, basis]) field.addEventListener("input", tell);
  tell();
}

// A new account begins with whose it is: her card says her name, her address, her role.
const holder = document.querySelector('#user_form select[name="person"]');
if (holder && window.django?.jQuery) {
  window.django.jQuery(holder).on("select2:select", () => {
    location.assign(`?person=${encodeURIComponent(holder.value)}`);
  });
}

const MARKS = ["aria-owns", "aria-expanded"];

function labelOf(box) {
  const [, id] = (box.id || "").match(/^select2-(.+)-container$/) || [];
  return id && document.querySelector(`label[for="${CSS.escape(id)}"]`)?.textContent.trim();
}

function set(element, name, value) {
  if (value && element.getAttribute(name) !== value) element.setAttribute(name, value);
}

function tell() {
  for (const box of document.querySelectorAll(".select2-selection__rendered")) {
    const words = labelOf(box);
    if (!words) continue;
    const [combo, chosen] = [box.closest(".select2-selection"), box.textContent.replace("×", "").trim()];
    combo.removeAttribute("aria-labelledby");
    set(combo, "aria-label", chosen ? `${words}\u00a0: ${chosen}` : words);
    set(combo, "aria-controls", combo.getAttribute("aria-owns"));
    set(box, "role", "none");
    box.removeAttribute("aria-readonly");
  }
  for (const list of document.querySelectorAll("body > .select2-container")) {
    const combo = document.querySelector(".select2-container--open .select2-selection[aria-label]");
    if (!combo) continue;
    const words = combo.getAttribute("aria-label");
    set(list, "role", "dialog");
    set(list, "aria-label", words);
    for (const each of list.querySelectorAll(".select2-search__field, .select2-results__options")) {
      set(each, "aria-label", words);
    }
  }
}

new MutationObserver(tell).observe(document.documentElement, {
  subtree: true,
  childList: true,
  attributeFilter: MARKS,
});
