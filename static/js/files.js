/* files.js — a field that takes a file, in French whatever the browser speaks.
 *
 *   <input type="file" class="form-control">   becomes a place to press, or to let a file fall on
 *   <input … data-verb="Reprendre…">           a button alone, of these words
 *
 * The browser's own button is in the language of the browser and cannot be told another. The field
 * itself lies over the place, unseen: a press, a key, a file that falls and a screen reader still
 * find it. Without this script the browser's own is shown.
 */

function words(field) {
  const names = [...field.files].map(({ name }) => name);
  if ("verb" in field.dataset && !names.length) return "";
  if (names.length > 1) return `${names.length} fichiers\u00a0: ${names.join(", ")}`;
  return names[0] || (field.multiple ? "ou déposez-les ici" : "ou déposez-le ici");
}

function tell(field) {
  const told = field.parentElement.querySelector(".drop-words");
  told.textContent = words(field);
  told.classList.toggle("is-chosen", field.files.length > 0);
}

export function dress(part) {
  for (const field of part.querySelectorAll("input[type=file].form-control:not(.drop-field)")) {
    const place = document.createElement("span");
    const [button, told] = [document.createElement("span"), document.createElement("span")];
    place.className = "drop";
    place.classList.toggle("drop-bare", "verb" in field.dataset);
    button.className = "drop-button";
    button.textContent = field.dataset.verb || (field.multiple ? "Choisir des fichiers" : "Choisir un fichier");
    told.className = "drop-words";
    for (const each of [button, told]) each.setAttribute("aria-hidden", "true");
    const isHere = document.activeElement === field; // what moves loses the focus
    field.replaceWith(place);
    place.append(button, told, field);
    field.classList.add("drop-field");
    if (isHere) field.focus();
    tell(field);
  }
}

dress(document);
document.addEventListener("htmx:load", ({ detail }) => dress(detail.elt));
document.addEventListener("change", ({ target }) => target.matches?.(".drop-field") && tell(target));
document.addEventListener("reset", ({ target }) =>
  setTimeout(() => target.querySelectorAll(".drop-field").forEach(tell), 0),
);
for (const [kind, isOver] of [["dragenter", true], ["dragleave", false], ["drop", false]]) {
  document.addEventListener(kind, ({ target }) => {
    if (target.matches?.(".drop-field")) target.parentElement.classList.toggle("is-over", isOver);
  });
}
