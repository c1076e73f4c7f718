/* keys.js — Keys that are no letters, and the mouse. */
import { inTurn, submit } from "./acting.js";
import { go, onward, proclaimCounts, run, undo, undoLine } from "./commands.js";
import { openDialog } from "./dialogs.js";
import { make } from "./gestures.js";
import { openMenu } from "./menu.js";
import { enter, leave } from "./modes.js";
import { among, chosenPoint, designated, hourOf, matching, matchingPoints, nameOf, readHour } from "./names.js";
import { lose, refuse, say } from "./saying.js";
import { PERSON, focusField, gesturesOf, here, hour, input, moment, render, root, told } from "./screen.js";
import { choose } from "./typing.js";

export function confirmTyped() {
  switch (here.mode.name) {
    case "person": {
      const someone = designated(nameOf(here.text));
      if (!here.text && !here.chosen) return go();
      if (here.isLost) return refuse(`«\u00a0${here.text || nameOf(here.text)}\u00a0» d’abord\u00a0: Échap l’efface.`);
      if (hourOf(here.text) && !readHour(hourOf(here.text))) return lose(`${hourOf(here.text)} n’est pas une heure.`);
      const first = gesturesOf(someone)[0];
      if (first === "arrive") return make(someone, first);
      return refuse(someone ? "Une lettre dit ce que fait cette personne." : "Aucun nom n’est désigné.");
    }
    case "pick":
      return choose(here.mode.options[0]);
    case "ask": {
      const someone = designated(here.text);
      if (!someone) return refuse("Aucun nom n’est désigné.");
      const { act } = here.mode;
      leave();
      return act(someone);
    }
    case "item": {
      const point = chosenPoint();
      if (!point) return refuse("Aucun point ne répond à ces lettres.");
      leave();
      return inTurn(() => submit("open_item", { item: point.dataset.point }, { label: point.dataset.title }));
    }
    case "words": {
      const { act } = here.mode;
      const typed = here.text.trim();
      leave();
      return act(typed);
    }
    case "confirm": {
      const { act } = here.mode;
      leave();
      return act();
    }
    case "call":
      return go();
    case "counts":
      return proclaimCounts();
  }
  return undefined;
}

export function escape() {
  here.isLost = false;
  if (here.mode.name === "confirm") here.mode.forget?.();
  hour.value = "";
  hour.classList.remove("is-set");
  if (!here.text && !here.chosen && here.mode.name === "person" && told.className.includes("is-")) say("");
  leave();
}

function step(by) {
  if (here.mode.name === "call") {
    const { length } = moment().poll?.call || [];
    here.callAt = Math.max(0, Math.min(length - 1, here.callAt + by));
    return render();
  }
  if (here.mode.name === "item") {
    const known = matchingPoints();
    const at = known.indexOf(chosenPoint());
    here.chosen = known[(at + by + known.length) % known.length]?.dataset.point || "";
    return render();
  }
  if (!["person", "ask"].includes(here.mode.name)) return undefined;
  const known = nameOf(here.text) ? matching(nameOf(here.text)) : among().filter((each) => !each.classList.contains("is-latent"));
  if (!known.length) return undefined;
  const at = known.findIndex((each) => each.dataset.key === here.chosen);
  const to = at < 0 ? (by > 0 ? 0 : known.length - 1) : (at + by + known.length) % known.length;
  here.chosen = known[to].dataset.key;
  here.text = nameOf(here.text);
  return render();
}

input.addEventListener("keydown", (event) => {
  here.isShifted = event.shiftKey && event.key.length === 1 && /\p{L}/u.test(event.key);
  if (event.isComposing) return;
  const keys = {
    Enter: () => event.repeat || confirmTyped(),
    Escape: escape,
    ArrowDown: () => step(1),
    ArrowUp: () => step(-1),
  };
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Backspace" && !input.value && (here.chosen || here.mode !== PERSON)) {
    event.preventDefault();
    escape();
  } else if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || document.querySelector("dialog[open]")) return;
  const isInNotes = event.target.closest?.(".pane-notes");
  const isTyping = event.target !== input && (event.target.isContentEditable || event.target.matches?.("input, textarea, select"));
  if (event.key === "PageDown" && !isInNotes) {
    event.preventDefault();
    if (!event.repeat && here.mode.name !== "confirm") onward();
    return;
  }
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z" && !event.shiftKey && !isTyping && !here.text) {
    event.preventDefault();
    if (!event.repeat) undo();
    return;
  }
  // A letter acts in the field alone: whoever speaks to the machine, or brushes a key, votes for nobody.
  if (event.key === "Escape" && event.target !== input && !document.querySelector("details.menu[open]")) {
    event.preventDefault();
    input.focus({ preventScroll: true });
  }
});

// Before the editor has its say: Escape leaves the notes at once.
root.addEventListener(
  "keydown",
  (event) => {
    if (event.key !== "Escape" || !event.target.closest(".pane-notes")) return;
    event.preventDefault();
    event.stopPropagation();
    input.focus({ preventScroll: true });
  },
  true,
);

hour.addEventListener("input", () => {
  const isSet = Boolean(readHour(hour.value));
  hour.classList.toggle("is-set", isSet);
  hour.setAttribute("aria-invalid", String(Boolean(hour.value) && !isSet));
});
hour.addEventListener("keydown", (event) => {
  if (event.key === "Enter") {
    event.preventDefault();
    focusField();
  }
});

/** The focus fell with what was pressed, or beside everything: it comes back to the field. */
export function returnField() {
  const isFallen = document.activeElement === document.body && !document.querySelector("dialog[open]");
  if (isFallen && getSelection().isCollapsed) focusField();
}



root.addEventListener("click", (event) => {
  const on = (selector) => event.target.closest(selector);
  if (on(".person")) {
    const someone = on(".person");
    if (here.mode.name === "call" && moment().poll?.call.includes(someone.dataset.seat)) {
      here.callAt = moment().poll.call.indexOf(someone.dataset.seat);
    } else if (here.mode.name !== "ask" || here.mode.may(someone)) {
      if (!["person", "ask"].includes(here.mode.name)) leave();
      here.chosen = someone.dataset.key;
      here.text = "";
    }
    render();
    focusField();
  } else if (on("[data-point]")) {
    enter({ name: "item", question: "Aller au point" });
    here.chosen = on("[data-point]").dataset.point;
    render();
  } else if (on("#primary[data-verb], #primary[data-dialog]")) {
    go();
    focusField();
  } else if (on("#menu-button")) {
    if (here.mode.name === "menu") leave();
    else openMenu();
  } else if (on("[data-letter]")) {
    run(on("[data-letter]"));
  } else if (on("[data-undo]")) {
    undoLine(on("[data-undo]"));
  } else if (on("[data-open]")) {
    on("details.menu")?.removeAttribute("open");
    openDialog(on("[data-open]").dataset.open);
  }
  returnField();
});
