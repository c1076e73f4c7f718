/* modes.js — From one mode to another; the roll call. */
import { PERSON, focusField, here, inFlight, moment, render, root } from "./screen.js";

export function enter(next) {
  here.mode = next;
  here.text = "";
  here.chosen = "";
  if (here.mode.name === "call") here.callAt = nextCalled(0);
  render();
  focusField();
}

/** One of a few, each with its letter. */
export function pick(question, options, act) {
  enter({ name: "pick", question, options, act });
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
