/* suggest.js — what may be meant, under the field in which one types.
 *
 *   <input data-suggests …hx-get>   htmx brings #propositions after each pause, which says how many
 *   #propositions a                 arrow down enters them, arrows go from one to the next, Escape
 *                                   comes back to the field
 */
const STEPS = { ArrowDown: 1, ArrowUp: -1 };

document.addEventListener("keydown", (event) => {
  const field = document.querySelector("[data-suggests]");
  const isHere = event.target === field || event.target.closest?.("#propositions");
  if (!isHere || event.altKey || event.ctrlKey || event.metaKey) return;
  const stops = [field, ...document.querySelectorAll("#propositions a")];
  if (event.key === "Escape" && event.target !== field) field.focus();
  else if (STEPS[event.key]) {
    const next = stops[stops.indexOf(event.target) + STEPS[event.key]];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }
});
