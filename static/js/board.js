/* board.js — the quorum of a roll while it is being corrected.
 *
 *   form[data-roll-form][data-required]   the roll before it is sent
 *   .seat[data-seat][data-capacity]       one person, with radios standing-KEY
 *   input[name=seat-KEY][data-by]         whoever sits in that seat when its titular is away
 *   [data-roll-quorum]                    where it is shown: [data-roll-present], [data-roll-verdict]
 *
 * It counts heads on this page, nothing else: the law counts when the roll is recorded.
 */
const form = document.querySelector("[data-roll-form]");
const shown = form?.querySelector("[data-roll-quorum]");

function isThere(key) {
  const told = form.querySelector(`[name="standing-${CSS.escape(key)}"]:checked`);
  return told?.value === "present" || told?.value === "distance";
}

function occupied(seat) {
  const key = seat.dataset.seat;
  const tick = seat.querySelector(`[name="seat-${CSS.escape(key)}"]`);
  return isThere(key) || Boolean(tick?.checked && isThere(tick.dataset.by));
}

function count() {
  const seats = [...form.querySelectorAll('.seat[data-capacity="titulaire"]')].filter(occupied);
  const required = Number(form.dataset.required); // none on a second call
  const isReached = seats.length >= required;
  shown.querySelector("[data-roll-present]").textContent = seats.length;
  shown.querySelector("[data-roll-verdict]").textContent = !required
    ? "Sans condition de quorum"
    : isReached ? "Quorum atteint" : "Quorum non atteint";
  shown.classList.toggle("is-reached", isReached);
  shown.classList.toggle("is-missed", !isReached);
  shown.hidden = false;
}

if (shown) {
  form.addEventListener("change", count);
  count();
}
