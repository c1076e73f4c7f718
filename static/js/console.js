/* console.js — one field, one hand, a whole sitting.
 *
 * Everything is typed in one field (`#command`). What a letter does depends on where one is
 * (`mode`), and what may be pressed next is always written under the field (`drawHints`):
 *
 *   person    a name by its first letters, then the letter of what this person does. A letter that
 *             goes on with the only name that is left belongs to the name: whoever means it as the
 *             action strikes it twice, or with Shift. What could be read in two ways is refused
 *   counts    "7c2a": so many against and so many abstentions, without the names
 *   menu      Space, then the arrows or the letter of a command of the sitting
 *   ask       a second person: who holds the proxy, whose seat is taken
 *   pick      one of a few: the ground of a withdrawal, the fate of an item
 *   item      an item of the agenda, by its number or its title
 *   words     a few words: why the sitting is suspended
 *   call      the roll call of a public ballot: an answer, then the next name
 *   confirm   an act that needs a second Enter
 *
 * The page is the only memory: who may do what is read from the roll (`data-acts`), the moment of
 * the sitting from the bar (`data-moment`). Acts leave one after the other and take their meaning
 * when their turn comes, so that fast hands are obeyed in order. Nothing waits for the network to
 * come back: an act that got no answer is shown as such until the server said what became of it.
 */
import { check } from "./console/acting.js";
import { revealCurrent } from "./console/drawing.js";
import { hear } from "./console/hearing.js";
import { returnField } from "./console/keys.js";
import { called, enter, isCalling, nextCalled } from "./console/modes.js";
import { say } from "./console/saying.js";
import { PERSON, focusField, here, input, render, root } from "./console/screen.js";
import { release } from "./live.js";
import "./console/typing.js";
import "./console/dialogs.js";

document.addEventListener("live:change", ({ detail }) => {
  if (here.mode.name === "call" && !isCalling()) here.mode = PERSON;
  else if (here.mode.name === "call") here.callAt = called()?.dataset.choice ? nextCalled(0) : here.callAt;
  else if (here.mode === PERSON && !here.text && !here.chosen && isCalling() && detail.changed.includes("bar")) {
    here.mode = { name: "call" };
    here.callAt = nextCalled(0);
  }
  if (detail.changed.length || detail.lines) hear(detail.lines);
  if (detail.changed.length && here.unconfirmed) check(); // it may have come in after all
  render();
  returnField();
  if (detail.changed.includes("agenda")) revealCurrent();
});
document.addEventListener("live:link", ({ detail }) => {
  if (detail.state === "online" && here.unconfirmed) check();
  else if (detail.state === "online" && here.wasOffline) say("La liaison est revenue. Rien n’est parti entre-temps.");
  here.wasOffline = detail.state === "offline";
  render();
});
// What was typed in the notes is safe: they may follow the sitting again.
new MutationObserver(release).observe(root.querySelector(".pane-notes"), {
  subtree: true,
  attributeFilter: ["data-autosave-state"],
});

// What fast hands typed while the page was still coming.
const early = input.value;
render();
if (isCalling()) enter({ name: "call" });
revealCurrent();
focusField();
if (early) {
  input.value = early;
  input.dispatchEvent(new InputEvent("input"));
}
