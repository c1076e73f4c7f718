/* menu.js — The commands of the sitting: opened by Space, walked by arrows, each with its letter. */
import { areAsleep } from "../shortcuts.js";
import { commands, run } from "./commands.js";
import { enter, leave } from "./modes.js";
import { refuse } from "./saying.js";
import { here, root } from "./screen.js";

function menu() {
  return document.getElementById("commands");
}

/** The focus goes to the menu itself: what it opens on is said, and Enter does nothing yet. */
export function openMenu() {
  const opener = document.activeElement;
  enter({ name: "menu", question: "Commandes de la séance", opener });
}

function closeMenu() {
  const { opener } = here.mode;
  leave();
  // The button may have been drawn again meanwhile.
  (document.getElementById(opener?.id) || document.getElementById("command")).focus({ preventScroll: true });
}

/** It was opened, or drawn again without the command in focus. */
export function keepMenu() {
  if (here.mode.name === "menu" && !menu().contains(document.activeElement)) menu().focus();
}

function strike(letter) {
  const command = commands().find((each) => each.dataset.letter === letter);
  if (!command) refuse("Cette lettre n’est pas une commande de ce moment.");
  else if (areAsleep()) command.focus();
  else run(command);
}

root.addEventListener("keydown", (event) => {
  if (!event.target.closest("#commands") || event.ctrlKey || event.metaKey || event.altKey) return;
  const items = commands();
  const [at, half] = [items.indexOf(document.activeElement), Math.ceil(items.length / 2)];
  const to = {
    ArrowDown: at + 1,
    ArrowUp: at < 0 ? -1 : at - 1,
    ArrowRight: at + half,
    ArrowLeft: at - half,
    Home: 0,
    End: -1,
  }[event.key];
  if (to !== undefined) items.at(to % items.length)?.focus();
  else if (["Escape", " ", "Backspace"].includes(event.key)) closeMenu();
  else if (event.key === "Tab") return closeMenu();
  else if (event.key === "Enter" && at < 0) refuse("La lettre d’une commande, ou les flèches.");
  else if (event.key.length === 1) strike(event.key.toLowerCase());
  else return;
  event.preventDefault();
});

root.addEventListener("focusout", ({ target, relatedTarget }) => {
  const isLeft = target.closest("#commands") && relatedTarget && !relatedTarget.closest("#commands, #menu-button");
  if (isLeft && here.mode.name === "menu") leave();
});
