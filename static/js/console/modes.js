/* modes.js — From one mode to another; the roll call. */
import { render } from "./drawing.js";
import { gestureOf, vote } from "./gestures.js";
import { focusField } from "./keys.js";
import { PERSON, here, inFlight, moment, root, tables } from "./screen.js";

export function enter(next) {
  here.mode = next;
  here.text = "";
  here.chosen = "";
  if (here.mode.name === "call") here.callAt = nextCalled(0);
  render();
  focusField();
}

/** Back to where one was before the question: the roll call if one is going on. */
export function leave() {
  here.mode = PERSON;
  here.text = "";
  here.chosen = "";
  render();
}

export function clear() {
  here.text = "";
  here.chosen = "";
  if (here.mode.name === "person" && isCalling()) here.mode = { name: "call" };
  render();
}

export function isCalling() {
  return Boolean(moment().poll?.call.length) && nextCalled(0) < moment().poll.call.length;
}

/* Roll call: the first seat, from a rank on, that has no answer yet. */
export function nextCalled(from) {
  const seats = moment().poll?.call || [];
  const waits = (seat) => !inFlight.has(seat) && !personOfSeat(seat)?.dataset.choice;
  for (let rank = from; rank < seats.length; rank += 1) if (waits(seats[rank])) return rank;
  return seats.length;
}

function personOfSeat(seat) {
  return root.querySelector(`#roll .person[data-seat="${CSS.escape(seat)}"]`);
}

export function called() {
  const seat = moment().poll?.call[here.callAt];
  return seat ? personOfSeat(seat) : null;
}

export function answer(letter) {
  const someone = called();
  const name = someone && gestureOf(someone, letter);
  if (!name) return false;
  const gesture = tables.gestures[name];
  vote(someone.dataset.seat, gesture.choice, { label: `${someone.dataset.name}\u00a0: ${gesture.words}` });
  here.callAt = nextCalled(here.callAt + 1);
  if (here.callAt >= (moment().poll?.call.length || 0)) here.callAt = nextCalled(0);
  render();
  return true;
}
