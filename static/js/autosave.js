/* autosave.js — a form saved while one types.
 *
 *   <form method="post" action="…" data-autosave>
 *     <input type="hidden" name="version" value="3"> … <span data-autosave-state role="status"></span>
 *
 * 800 ms after the last key the form is posted with Accept: application/json. Answers:
 *   200 {"version": 4, "saved_at": "17:32"}   saved; `version` goes back into the form
 *   409 {"conflict": "/…/conflit/"}           somebody else wrote: the text is kept there, we go
 *   422 {"error": "…"}                        refused; said beside the field
 * A button with data-autosave-leave sends the form as any other: the answer is another page.
 * With data-autosave-stay the conflict is a link to that page, in another tab.
 * Without network, or signed out, the text stays in the page and is sent again and again. A link
 * or another form of the page waits for the save; closing the tab asks.
 *
 * The state is written at each pause, and told to whoever does not see it only when it is bad news,
 * or good news after that.
 */
import { announce, csrfToken, network } from "./page.js";

const DELAY = 800;
const USUAL = new Set(["dirty", "saving", "saved"]);
const forms = new Map();

class Autosave {
  constructor(form) {
    this.form = form;
    this.state = form.querySelector("[data-autosave-state]");
    this.state?.setAttribute("aria-live", "off");
    this.isDirty = false;
    this.failures = 0;
    this.running = null;
    form.addEventListener("input", () => this.touch());
    form.addEventListener("change", () => this.touch());
    form.addEventListener("submit", (event) => {
      const { submitter } = event;
      const isLeaving = submitter?.hasAttribute("data-autosave-leave");
      if (isLeaving && !this.running) {
        clearTimeout(this.timer);
        this.isDirty = false;
        return;
      }
      event.preventDefault();
      event.stopPropagation();
      this.save().then((isSafe) => isLeaving && isSafe && form.requestSubmit(submitter));
    });
  }

  touch() {
    this.isDirty = true;
    this.say("Modifié", "dirty");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), DELAY);
  }

  say(words, kind) {
    if (!this.state || this.state.textContent === words) return;
    const wasBad = this.isBad;
    if (kind !== "saving" && kind !== "dirty") this.isBad = !USUAL.has(kind);
    if (words && (!USUAL.has(kind) || (wasBad && kind === "saved"))) announce(words);
    this.state.textContent = words;
    this.state.dataset.autosaveState = kind;
  }

  /** Resolves to whether everything typed so far is safe on the server. */
  async save() {
    clearTimeout(this.timer);
    while (this.running) await this.running;
    if (!this.isDirty) return true;
    this.running = this.post();
    const isSafe = await this.running;
    this.running = null;
    return isSafe;
  }

  async post() {
    this.isDirty = false;
    this.say("Enregistrement…", "saving");
    const data = new FormData(this.form);
    data.set("csrfmiddlewaretoken", csrfToken());
    let answer;
    try {
      answer = await fetch(this.form.action, {
        method: "POST",
        body: data,
        headers: { Accept: "application/json" },
        redirect: "manual",
      });
    } catch {
      network(false);
      return this.again("Hors connexion : votre texte partira dès qu’elle reviendra.");
    }
    network(true);
    const told = (answer.headers.get("Content-Type") || "").includes("json")
      ? await answer.json()
      : {};
    if (answer.ok) {
      this.failures = 0;
      if (told.version !== undefined) this.form.elements.version.value = told.version;
      if (!this.isDirty) this.say(`Enregistré à ${clock(told.saved_at)}`, "saved");
      return !this.isDirty || this.post();
    }
    if (answer.status === 409 && told.conflict) {
      // What was typed meanwhile must reach the conflict page too.
      if (this.isDirty) return this.post();
      if ("autosaveStay" in this.form.dataset) return this.point(told.conflict);
      location.assign(told.conflict);
      return false;
    }
    if (told.error) {
      this.isDirty = true;
      this.say(told.error, "refused");
      return false;
    }
    const isSignedOut = answer.type === "opaqueredirect" || answer.status === 403;
    return this.again(
      isSignedOut
        ? "Votre session a expiré. Reconnectez-vous dans un autre onglet : votre texte partira ensuite."
        : "Le serveur n’a pas pu enregistrer. Nouvel essai dans un instant.",
    );
  }

  /** Where one may not leave the page, both texts are compared in another one. */
  point(address) {
    this.say("", "conflict");
    const link = document.createElement("a");
    link.href = address;
    link.target = "_blank";
    link.textContent = "Quelqu’un a écrit ici en même temps\u00a0: comparer les deux textes";
    announce(link.textContent);
    this.state?.replaceChildren(link);
    return false;
  }

  again(words) {
    this.isDirty = true;
    this.failures += 1;
    this.say(words, "failed");
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), Math.min(30, 2 ** this.failures) * 1000);
    return false;
  }
}

function clock(time) {
  const now = new Date();
  const [hours, minutes] = (time || `${now.getHours()}:${now.getMinutes()}`).split(":");
  return `${Number(hours)}\u00a0h\u00a0${String(minutes).padStart(2, "0")}`;
}

function watch(root) {
  for (const form of root.querySelectorAll("form[data-autosave]")) {
    if (!forms.has(form)) forms.set(form, new Autosave(form));
  }
}

function dirty() {
  return [...forms.values()].filter(
    (saver) => saver.form.isConnected && (saver.isDirty || saver.running),
  );
}

/** Resolves to whether everything typed anywhere on the page is safe on the server. */
export async function saveAll() {
  const answers = await Promise.all(dirty().map((saver) => saver.save()));
  return answers.every(Boolean);
}

watch(document);
document.addEventListener("htmx:load", (event) => watch(event.target));
addEventListener("online", saveAll);
addEventListener("beforeunload", (event) => {
  if (dirty().length) event.preventDefault();
});
document.addEventListener("visibilitychange", () => document.hidden && saveAll());
document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "s" && forms.size) {
    event.preventDefault();
    saveAll();
  }
});

/* To leave the page is to save first. */
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[href]");
  const isPlain = link && !event.defaultPrevented && event.button === 0 && !link.target &&
    !link.hasAttribute("download") && !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
  if (!isPlain || link.getAttribute("href").startsWith("#") || !dirty().length) return;
  event.preventDefault();
  if (await saveAll()) location.assign(link.href);
});
document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const isHtmx = ["hx-post", "hx-get"].some((name) => form.hasAttribute(name));
    if (forms.has(form) || isHtmx || !dirty().length) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (await saveAll()) form.requestSubmit(event.submitter);
  },
  true,
);
