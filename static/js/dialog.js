/* dialog.js — asks before an act that cannot be taken back.
 *
 *   data-confirm="Retirer ce point ?"   on a form, or on one of its buttons
 *   data-confirm-text="…"               what will follow, optional
 *   data-confirm-verb="Retirer"         what the button says; otherwise its own words
 *   data-named="Procès-verbal"          on what may be ticked: the window names what is
 *   data-ticked="why"                   nothing is sent while none of them is: the id of what says so
 *   data-confirm-grave                  the act destroys something: in red, not one Enter away
 *   data-confirm-final                  it destroys nothing but is not taken back: not one Enter away
 *
 * Agreed, the form goes with confirmed=1. Without JavaScript it goes without, and a view that
 * cares answers with a page that asks.
 */

const agreed = new WeakSet();
let count = 0;

/** A button of this look, that does `act` if it is given. */
export function button(words, kind, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.className = `btn ${kind}`;
  made.textContent = words;
  if (act) made.addEventListener("click", act);
  return made;
}

export function ask({ question, text = "", verb = "Continuer", isGrave = false, isFinal = isGrave }) {
  const dialog = document.createElement("dialog");
  dialog.className = isGrave ? "ask is-grave" : "ask";
  const title = document.createElement("h2");
  title.className = "ask-title";
  title.id = `ask-${(count += 1)}`;
  title.textContent = question;
  dialog.setAttribute("aria-labelledby", title.id);
  dialog.append(title);
  if (text) {
    const words = document.createElement("p");
    words.textContent = text;
    words.id = `${title.id}-text`;
    dialog.setAttribute("aria-describedby", words.id);
    dialog.append(words);
  }
  const foot = document.createElement("div");
  foot.className = "ask-foot";
  const stay = button("Non, revenir", "btn-secondary");
  const go = button(verb, isGrave ? "btn-danger" : "btn-primary");
  foot.append(stay, go);
  dialog.append(foot);
  document.body.append(dialog);
  return new Promise((answer) => {
    stay.addEventListener("click", () => dialog.close());
    go.addEventListener("click", () => dialog.close("yes"));
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
    dialog.addEventListener("close", () => {
      dialog.remove();
      answer(dialog.returnValue === "yes");
    });
    dialog.showModal();
    (isFinal ? stay : go).focus();
  });
}

/** What is ticked, by name, then what will follow. */
function told(form, text = "") {
  const ticked = [...form.querySelectorAll("[data-named]:checked")];
  const names = ticked.map((box) => box.dataset.named).join(", ");
  return names ? `${names}. ${text}` : text;
}

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const submitter = event.submitter;
    const source = [submitter, form].find((element) => element?.dataset.confirm);
    if (!source || agreed.has(form)) {
      agreed.delete(form);
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
    const isAgreed = await ask({
      question: source.dataset.confirm,
      text: told(form, source.dataset.confirmText),
      verb: source.dataset.confirmVerb || submitter?.innerText.trim() || undefined,
      isGrave: "confirmGrave" in source.dataset,
      isFinal: "confirmGrave" in source.dataset || "confirmFinal" in source.dataset,
    });
    if (!isAgreed) return;
    let flag = form.querySelector("input[name=confirmed]");
    if (!flag) {
      flag = document.createElement("input");
      flag.type = "hidden";
      flag.name = "confirmed";
      form.append(flag);
    }
    flag.value = "1";
    agreed.add(form);
    form.requestSubmit(submitter);
  },
  true,
);

/** A form of which nothing is ticked has nothing to send, and says what it waits for. */
function wait(form) {
  const isIdle = !form.querySelector("[data-named]:checked");
  for (const button of form.querySelectorAll(":scope [type=submit]:not([form])")) button.disabled = isIdle;
  document.getElementById(form.dataset.ticked).hidden = !isIdle;
}
for (const form of document.querySelectorAll("form[data-ticked]")) {
  form.addEventListener("change", () => wait(form));
  wait(form);
}
addEventListener("pageshow", () => document.querySelectorAll("form[data-ticked]").forEach(wait));

/* A second click while the first is on its way changes nothing. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post" || form.target) return;
  if (form.dataset.isSent) {
    event.preventDefault();
    return;
  }
  form.dataset.isSent = "true";
  if (event.submitter?.dataset.working) return;
  setTimeout(() => delete form.dataset.isSent, 10000);
});
addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-is-sent]")) delete form.dataset.isSent;
});
