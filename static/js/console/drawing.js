/* drawing.js — What the page shows of what is typed, and the keys that may follow. */
import { COUNTED, commands, countedWords, go, onward, undo } from "./commands.js";
import { openDialog } from "./dialogs.js";
import { answer, make } from "./gestures.js";
import { spell } from "./hearing.js";
import { confirmTyped, escape } from "./keys.js";
import { keepMenu, openMenu } from "./menu.js";
import { called, enter } from "./modes.js";
import { chosenPoint, designated, gestureOf, hourOf, keysFor, matching, matchingPoints, nameOf, readHour } from "./names.js";
import { PERSON, focusField, found, gesturesOf, here, hints, input, keys, moment, people, points, prompt, render, root, tables } from "./screen.js";
import { choose, countsNow, feedCounts } from "./typing.js";

function draw() {
  if (input.value !== here.text) input.value = here.text;
  const isItems = here.mode.name === "item";
  // A question is answered by Enter: the action of the moment is not, meanwhile.
  if (["ask", "confirm", "item", "pick", "words"].includes(here.mode.name)) root.dataset.asks = here.mode.name;
  else delete root.dataset.asks;
  drawPeople();
  drawPoints(isItems);
  const menu = document.getElementById("commands");
  menu.hidden = here.mode.name !== "menu";
  document.getElementById("menu-button").setAttribute("aria-expanded", String(!menu.hidden));
  input.setAttribute("aria-controls", isItems ? "agenda" : "roll");
  keepMenu();
  prompt.textContent = promptWords();
  drawHints();
  spell();
}

function promptWords() {
  if (here.mode.name === "call") {
    const someone = called();
    return someone ? `${someone.dataset.name}\u00a0?` : "Appel terminé";
  }
  return here.mode.question || "Nom";
}

function drawPeople() {
  const isSearching = ["person", "ask"].includes(here.mode.name);
  const known = isSearching && nameOf(here.text) ? new Set(matching(nameOf(here.text))) : new Set();
  const someone = isSearching ? designated(nameOf(here.text)) : null;
  const isNamed = someone && (here.text || here.chosen);
  const theCalled = here.mode.name === "call" ? called() : null;
  const roll = document.getElementById("roll");
  roll.classList.toggle("is-searching", known.size > 0);
  const ranked = !here.chosen && known.size > 1 && known.size < 10 ? [...known] : [];
  for (const each of people()) {
    const rank = ranked.indexOf(each) + 1;
    const mark = each.querySelector(".person-mark");
    if (rank) each.dataset.rank = mark.dataset.rank = rank;
    else for (const ranked_ of [each, mark]) delete ranked_.dataset.rank;
    each.classList.toggle("is-match", known.has(each));
    each.classList.toggle("is-chosen", Boolean(isNamed) && each === someone);
    each.classList.toggle("is-called", each === theCalled);
    each.setAttribute("aria-selected", String(each === (isNamed ? someone : theCalled)));
  }
  const active = isNamed ? someone : theCalled;
  if (active) {
    input.setAttribute("aria-activedescendant", active.id);
    active.scrollIntoView({ block: "nearest", inline: "nearest" });
  } else if (here.mode.name !== "item") {
    input.removeAttribute("aria-activedescendant");
  }
  const at = readHour(hourOf(here.text)) || hourOf(here.text);
  found.textContent = isNamed
    ? `${someone.dataset.name}${at ? `, à ${at.replace(":", "\u00a0h\u00a0")}` : ""}`
    : known.size > 1
      ? `${known.size} noms`
      : here.mode.name === "counts"
        ? countedWords()
        : "";
  // The name itself is said as the active descendant.
  found.dataset.said = isNamed && !at ? "" : found.textContent;
}

function drawPoints(isItems) {
  const known = isItems && here.text ? new Set(matchingPoints()) : new Set();
  const point = isItems ? chosenPoint() : null;
  for (const each of points()) {
    each.classList.toggle("is-match", known.has(each));
    each.classList.toggle("is-chosen", each === point);
    each.setAttribute("aria-selected", String(each === point));
  }
  if (point) {
    input.setAttribute("aria-activedescendant", point.id);
    point.scrollIntoView({ block: "nearest" });
    found.textContent = point.dataset.title;
    found.dataset.said = "";
  } else if (isItems) {
    input.removeAttribute("aria-activedescendant");
    found.textContent = found.dataset.said = "";
  }
}

/* How a key is said where its mark is not. */
const SPOKEN = { "…": "à", "↑": "flèche haut", "↓": "flèche bas", "Page suiv.": "page suivante", "?": "point d’interrogation" };

function hint(caps, words, act = null) {
  const made = document.createElement(act ? "button" : "span");
  made.className = "hint";
  if (act) {
    made.type = "button";
    made.addEventListener("click", () => {
      act();
      focusField();
    });
  }
  for (const key of caps) {
    const cap = document.createElement("kbd");
    cap.textContent = key;
    made.append(cap);
  }
  made.append(` ${words}`);
  made.dataset.spoken = `${caps.map((key) => SPOKEN[key] || key).join(" ")}\u00a0: ${words}`;
  return made;
}

/** A button of the bar says the same: on a telephone it suffices. */
function asButton(made) {
  made.classList.add("is-button");
  return made;
}

const ESCAPE = () => hint(["Échap"], "effacer", escape);

function drawHints() {
  const at = [...hints.children].indexOf(document.activeElement);
  hints.replaceChildren(...hintsNow().filter(Boolean));
  keys.textContent = [...hints.children].map((each) => each.dataset.spoken).join("\u00a0; ");
  if (at >= 0) hints.children[Math.min(at, hints.children.length - 1)]?.focus();
}

function hintsNow() {
  switch (here.mode.name) {
    case "menu":
      return [
        hint(["↑", "↓"], "d’une commande à l’autre"),
        hint(["A", "…", "Z"], "la lettre d’une commande"),
        hint(["Échap"], "fermer", escape),
      ];
    case "pick":
      return [
        ...here.mode.options.map((each) => hint([each.letter.toUpperCase()], each.words, () => choose(each))),
        ESCAPE(),
      ];
    case "ask":
      return [...choosing(), designated(here.text) && hint(["Entrée"], `c’est ${designated(here.text).dataset.name}`, confirmTyped), ESCAPE()];
    case "item":
      return [
        hint(["1"], "un numéro, ou un mot du titre"),
        hint(["↑", "↓"], "d’un point à l’autre"),
        chosenPoint() && hint(["Entrée"], `appeler\u00a0: ${chosenPoint().dataset.title.slice(0, 60)}`, confirmTyped),
        ESCAPE(),
      ];
    case "words":
      return [hint(["Entrée"], "noter", confirmTyped), ESCAPE()];
    case "confirm":
      return [hint(["Entrée"], here.mode.words, confirmTyped), hint(["Échap"], here.mode.escape, escape)];
    case "call":
      return calling();
    case "counts":
      return [
        ...Object.entries(COUNTED).map(([letter, [, words]]) => hint([letter.toUpperCase()], words, () => feedCounts(letter))),
        hint(["Entrée"], "proclamer", confirmTyped),
        hint(["Page suiv."], "proclamer et point suivant", onward),
        ESCAPE(),
      ];
  }
  return naming();
}

function choosing() {
  const known = nameOf(here.text) ? matching(nameOf(here.text)) : [];
  if (known.length < 2 || (here.chosen && !here.text)) return [];
  return [
    ...known.slice(0, 9).map((each, rank) =>
      hint([String(rank + 1)], each.dataset.name, () => {
        here.chosen = each.dataset.key;
        render();
      }),
    ),
    hint(["↑", "↓"], known.length > 9 ? `${known.length} noms` : "choisir"),
  ];
}

const CALLED = "pcan"; // what one answers to one's name, the likeliest first

function calling() {
  const someone = called();
  const order = [...CALLED].filter((letter) => someone && gestureOf(someone, letter));
  const answers = order.map((letter) =>
    hint([letter.toUpperCase()], tables.gestures[gestureOf(someone, letter)].words, () => answer(letter)),
  );
  return [
    ...answers,
    someone && hint(["↑", "↓"], "le précédent, le suivant"),
    hint(["Entrée"], "proclamer", go),
    hint(["Espace"], "commandes", openMenu),
    hint(["Échap"], "chercher un nom", () => enter(PERSON)),
  ];
}

function naming() {
  const someone = here.text || here.chosen ? designated(nameOf(here.text)) : null;
  if (someone) {
    const gestures = gesturesOf(someone).map((name) => {
      const { letter, words } = tables.gestures[name];
      const keys = keysFor(letter);
      const caps = keys ? [...keys.toUpperCase()] : ["Maj", letter.toUpperCase()];
      return hint(caps, words, () => make(someone, name));
    });
    const isTimed = gesturesOf(someone).some((name) => !tables.gestures[name].choice);
    return [...gestures, isTimed && !hourOf(here.text) && hint(["1832"], "commencez par l’heure"), ESCAPE()];
  }
  if (here.text) return [...choosing(), ESCAPE()];
  const now = moment();
  const primary = document.getElementById("primary");
  const name = { "a-ouvrir": "un nom, puis P présent, E excusé, A absent", levee: "" }[now.stage];
  const votes = "un nom, puis C contre, A s’abstient, N ne prend pas part";
  return [
    primary && asButton(hint(["Entrée"], primary.firstChild.textContent.trim(), go)),
    now.poll?.mode === "secret"
      ? null
      : (name ?? true) && hint(["A", "…", "Z"], name ?? (now.poll || now.mayOpen ? votes : "un nom, puis l’action")),
    commands().length > 0 && asButton(hint(["Espace"], "commandes", openMenu)),
    now.next && !["a-ouvrir", "levee", "suspendue"].includes(now.stage)
      ? hint(["Page suiv."], now.poll ? "proclamer et point suivant" : "point suivant", onward)
      : null,
    now.undo && !now.poll && hint(["Ctrl", "Z"], "annuler", undo),
    countsNow() && hint(["7", "C"], "7 contre, sans noms"),
    hint(["?"], "aide", () => openDialog("help")),
  ];
}

/** Shows the current item in its pane; on a telephone the page itself would move. */
export function revealCurrent() {
  const point = root.querySelector("#agenda [data-current]");
  const pane = point?.closest(".pane-scroll");
  if (!pane || getComputedStyle(pane).overflowY === "visible") return;
  point.scrollIntoView({ block: "nearest" });
}

root.addEventListener("moved", draw);
