/* gestures.js — What a letter does to a person. */
import { inTurn, submit } from "./acting.js";
import { called, clear, enter, nextCalled, pick } from "./modes.js";
import { gestureOf, hourOf, nameOf, readHour } from "./names.js";
import { lose, refuse } from "./saying.js";
import { here, hour, inFlight, moment, person, render, tables } from "./screen.js";

export function timed(fields, at) {
  return at ? { ...fields, hour: at } : fields;
}

export function takeHour() {
  const typed = readHour(hourOf(here.text)) || readHour(hour.value);
  hour.value = "";
  hour.classList.remove("is-set");
  return typed;
}

export function make(someone, name) {
  const gesture = tables.gestures[name];
  const { key, seat, name: who } = someone.dataset;
  const label = `${who}\u00a0: ${gesture.words.replace("…", "")}`;
  if (hourOf(here.text) && !readHour(hourOf(here.text))) {
    lose(`${hourOf(here.text)} n’est pas une heure.`);
    return;
  }
  const again = nameOf(here.text);
  if (gesture.choice) {
    clear();
    vote(seat, gesture.choice, { label, again });
    return;
  }
  const fields = timed({ [gesture.field]: key, ...gesture.fields }, takeHour());
  if (gesture.asks && tables.choices[gesture.asks]) {
    pick(gesture.question, tables.choices[gesture.asks], (value, words) =>
      inTurn(() => submit(gesture.verb, { ...fields, [gesture.asks]: value }, { label: `${label}, ${words}` })),
    );
    return;
  }
  if (gesture.asks) {
    askPerson(gesture, fields, someone);
    return;
  }
  clear();
  inTurn(() => submit(gesture.verb, fields, { label, again }));
}

/** The vote of a seat; where no vote is open, it opens one by its exception. */
export function vote(seat, choice, { label, again = "" }) {
  const item = moment().item;
  inFlight.set(seat, choice);
  render();
  inTurn(async () => {
    try {
      if (moment().item !== item) {
        refuse(`Le point a changé\u00a0: ${label} n’est pas noté.`);
        return;
      }
      const poll = await openedPoll(again);
      if (!poll) return;
      const done = await submit("choose", { poll: poll.pk, seat, choice }, { label, again });
      if (!done && here.mode.name === "call") here.callAt = Math.max(0, moment().poll?.call.indexOf(seat) ?? 0);
    } finally {
      inFlight.delete(seat);
      render();
    }
  });
}

function askPerson(gesture, fields, someone) {
  const isHolder = gesture.asks === "holder";
  enter({
    name: "ask",
    question: `${someone.dataset.name}\u00a0: ${gesture.question.toLowerCase()}`,
    may: (each) =>
      each &&
      each !== someone &&
      (isHolder
        ? !each.classList.contains("is-consultatif")
        : !each.classList.contains("is-present") && !each.classList.contains("is-suppleant")),
    act: (other) =>
      inTurn(() =>
        submit(
          gesture.verb,
          { ...fields, [gesture.asks]: other.dataset.key },
          { label: `${someone.dataset.name}, ${gesture.question.toLowerCase()} ${other.dataset.name}` },
        ),
      ),
  });
  if (here.mode.may(person(someone.dataset.prefers))) here.chosen = someone.dataset.prefers;
  render();
}

/** The open poll; where none is, the one that the moment calls for. */
export async function openedPoll(again = "") {
  if (!moment().poll) {
    const opens = document.getElementById("primary");
    const fields = opens?.dataset.verb === "open_poll" ? JSON.parse(opens.dataset.fields) : { items: moment().item };
    if (!(await submit("open_poll", fields, { label: "ouverture du vote", again }))) return null;
  }
  return moment().poll;
}

/** What somebody answers to her name in the roll call; whether the letter says something. */
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
