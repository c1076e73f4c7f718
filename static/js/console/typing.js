/* typing.js — What is typed in the field, letter by letter. */
import { areAsleep } from "../shortcuts.js";
import { COUNTED } from "./commands.js";
import { openDialog } from "./dialogs.js";
import { answer, make } from "./gestures.js";
import { openMenu } from "./menu.js";
import { called, enter, leave } from "./modes.js";
import { byLastName, designated, fold, gestureOf, hourOf, isDoubtful, matching, nameOf } from "./names.js";
import { lose, refuse } from "./saying.js";
import { PERSON, found, here, input, moment, render, tables } from "./screen.js";

function feed(char) {
  const letter = fold(char);
  switch (here.mode.name) {
    case "pick":
      return feedPick(letter);
    case "call":
      if (char === " ") return openMenu();
      if (feedCall(letter)) return undefined;
      here.mode = PERSON;
      return feedPerson(char, letter);
    case "confirm":
      if (here.mode.isResend) return refuse("Entrée renvoie, Échap oublie.");
      leave();
      return feedPerson(char, letter);
    case "ask":
      return feedAsked(char, letter);
    case "counts":
      return feedCounts(letter);
  }
  return feedPerson(char, letter);
}

/** A letter acts at once; where single keys were put to sleep, Enter says that it is meant. */
function struck(words, act) {
  if (!areAsleep()) return act();
  const { mode, text, chosen } = here;
  return enter({
    name: "confirm",
    question: `${words}\u00a0?`,
    words: "oui",
    escape: "annuler",
    act: () => {
      Object.assign(here, { mode, text, chosen });
      act();
    },
  });
}

function does(someone, name) {
  return struck(`${someone.dataset.name}\u00a0: ${tables.gestures[name].words}`, () => make(someone, name));
}

function feedCall(letter) {
  const someone = called();
  const name = someone && gestureOf(someone, letter);
  if (!name) return false;
  struck(`${someone.dataset.name}\u00a0: ${tables.gestures[name].words}`, () => answer(letter));
  return true;
}

function feedPick(letter) {
  const option_ = here.mode.options.find((each) => each.letter === letter);
  if (option_) struck(option_.words, () => choose(option_));
  else refuse("Choisissez l’une des lettres ci-dessous.");
}

export function choose(option_) {
  const { act } = here.mode;
  leave();
  act(option_.value, option_.words);
}

function feedAsked(char, letter) {
  if (/\d/.test(char)) return chooseNth(Number(char));
  here.chosen = "";
  const next = here.text + char;
  if (matching(next).length) here.text = next;
  else refuse(`«\u00a0${next.trim()}\u00a0» ne désigne personne ici.`);
  return render();
}

export function feedCounts(letter) {
  const isLetter = letter in COUNTED && /\d$/.test(here.text) && !here.text.includes(letter);
  if (/^\d$/.test(letter) || isLetter) here.text += letter;
  else refuse("Un nombre, puis C contre, A abstentions ou N ne prennent pas part.");
  render();
}

function chooseNth(rank) {
  const known = matching(nameOf(here.text));
  if (known.length > 1 && rank >= 1 && rank <= known.length) {
    here.chosen = known[rank - 1].dataset.key;
    render();
    return true;
  }
  return false;
}

function feedPerson(char, letter) {
  // Fast hands that did not see the refusal would act on somebody else.
  if (here.isLost && (here.text || here.chosen)) return refuse(`«\u00a0${here.text || found.textContent}\u00a0» d’abord\u00a0: Échap l’efface.`);
  here.isLost = false;
  if (char === "?" && !here.text) return openDialog("help");
  if (char === " ") {
    if (!here.text && !here.chosen) return openMenu();
    if (!hourOf(here.text) && !here.text.includes(" ")) here.text += " ";
    return render();
  }
  if (/\d/.test(char) && !here.text && !here.chosen && countsNow()) {
    enter({ name: "counts", question: "Sans les noms" });
    return feedCounts(letter);
  }
  if (/\d/.test(char)) {
    if (!hourOf(here.text) && !designated(here.text) && chooseNth(Number(char))) return undefined;
    if (!designated(nameOf(here.text))) return lose("Un nom d’abord, puis l’heure.");
    here.text += char;
    return render();
  }
  if (hourOf(here.text)) {
    if (/[h:]/i.test(char) && /^\d{1,2}$/.test(hourOf(here.text))) {
      here.text += char;
      return render();
    }
    return actOn(designated(nameOf(here.text)), letter);
  }
  if (!letter) return lose("Une lettre, s’il vous plaît.");
  if (here.chosen || (here.isShifted && designated(here.text))) return actOn(designated(here.text), letter);
  const next = here.text + char;
  const someone = designated(here.text);
  if (!byLastName(next).length) {
    const name = someone && gestureOf(someone, letter);
    if (name && isDoubtful(here.text) && !here.text.endsWith(letter)) {
      const doubted = here.text.slice(-1).toUpperCase();
      return lose(`«\u00a0${here.text}\u00a0»\u00a0: ${doubted} est-il une lettre du nom\u00a0? Échap, puis ${doubted} deux fois si c’est l’action.`);
    }
    if (name) return does(someone, name);
    // A family name was begun: its letter is no beginning of somebody else's first name.
    const isGesture = Object.values(tables.gestures).some((each) => each.letter === letter);
    const isAstray = byLastName(here.text).length && (isGesture ? someone : matching(next).every((each) => each.classList.contains("is-latent")));
    if (isAstray || !matching(next).length) {
      return lose(
        someone
          ? `${someone.dataset.name}\u00a0: la lettre ${letter.toUpperCase()} ne fait rien ici.`
          : `«\u00a0${next}\u00a0» ne désigne personne qui puisse agir maintenant.`,
      );
    }
  }
  here.text = next;
  return render();
}

function actOn(someone, letter) {
  const name = someone && gestureOf(someone, letter);
  if (name) does(someone, name);
  else lose(`${someone?.dataset.name || ""}\u00a0: la lettre ${letter.toUpperCase()} ne fait rien ici.`);
}

/** Whether exceptions may be counted without being named. */
export function countsNow() {
  const { poll, mayOpen } = moment();
  return poll ? poll.mode === "ordinaire" : mayOpen;
}

input.addEventListener("input", (event) => {
  const typed = input.value;
  // A dead key on its way: "^", then "ê".
  if (event.isComposing && !fold(typed.slice(-1)) && !/\s$/.test(typed)) return;
  if (here.mode.name === "words" || here.mode.name === "item") {
    here.text = typed;
    here.chosen = "";
    render();
  } else if (typed.length > here.text.length && typed.startsWith(here.text)) {
    for (const char of typed.slice(here.text.length)) feed(char);
  } else {
    here.text = typed;
    here.chosen = "";
    here.isLost = false;
  }
  render();
});
