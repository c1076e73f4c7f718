/* attachments.js — files joined to an item: told their limit before they leave, one bar each.
 *
 *   <form data-upload data-max="52428800" data-max-words="50 Mo" data-list="/…/pieces/">
 *     <input type="file" multiple> <ul data-uploads hidden></ul>
 *
 * Each chosen file is its own request (Accept: application/json; 200 or 422 {errors, notes}), one
 * after the other; then the list is fetched again from data-list into the nearest element with an
 * id. A refused file keeps its line, with the reason. Without this script the form posts them all.
 *
 *   <ol data-pieces> <li class="piece"> … <button name="move" value="up|down">
 *
 * Alt + up and down on anything of a row press its button.
 */
import { announce, csrfToken, network } from "./page.js";

function line(list, name) {
  const item = document.createElement("li");
  item.className = "upload-line";
  const words = document.createElement("span");
  words.className = "upload-name";
  words.textContent = name;
  const bar = document.createElement("progress");
  bar.max = 100;
  bar.value = 0;
  bar.setAttribute("aria-label", `Envoi de ${name}`);
  const state = document.createElement("span");
  state.className = "upload-state";
  state.textContent = "en attente";
  item.append(words, bar, state);
  list.append(item);
  list.hidden = false;
  return { item, words, bar, state };
}

function refuse({ item, words: name, bar, state }, reason) {
  bar.remove();
  if (reason.includes(name.textContent)) name.remove();
  item.classList.add("is-refused");
  state.textContent = reason;
  announce(reason);
}

function post(form, file, row) {
  const data = new FormData();
  data.append("csrfmiddlewaretoken", csrfToken());
  data.append("files", file, file.name);
  const request = new XMLHttpRequest();
  return new Promise((done) => {
    request.upload.addEventListener("progress", (event) => {
      if (!event.lengthComputable) return;
      row.bar.value = (100 * event.loaded) / event.total;
      row.state.textContent =
        event.loaded < event.total ? `${Math.floor(row.bar.value)}\u00a0%` : "vérification…";
    });
    request.addEventListener("load", () => {
      network(true);
      let told = {};
      try {
        told = JSON.parse(request.responseText);
      } catch {
        told = {};
      }
      if (request.status === 200) {
        row.item.remove();
        for (const note of told.notes) announce(note);
        done(told.notes);
        return;
      }
      const words = {
        403: "Votre session a expiré : reconnectez-vous, puis recommencez.",
        404: "Ce point n’existe plus. Rechargez la page.",
        413: `« ${file.name} » dépasse ce que le serveur accepte.`,
        507: "Le serveur n’a plus de place : ce fichier n’est pas pris. Prévenez la personne qui s’en occupe.",
      };
      refuse(row, told.errors?.join(" ") || words[request.status] || "Le serveur n’a pas pu le prendre. Recommencez.");
      done([]);
    });
    request.addEventListener("error", () => {
      network(navigator.onLine !== false);
      refuse(row, "L’envoi s’est interrompu. Choisissez ce fichier de nouveau.");
      done([]);
    });
    request.open("POST", form.action);
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("X-CSRFToken", csrfToken());
    request.send(data);
  });
}

let sending = Promise.resolve(); // one choice after the other
let waiting = 0;

/** Take what was chosen in this form; more may be chosen while it leaves. */
function take(form) {
  const field = form.querySelector("input[type=file]");
  const files = [...field.files];
  if (!files.length) return;
  if (!waiting) form.querySelector("[data-uploads]").replaceChildren();
  field.value = "";
  waiting += 1;
  sending = sending.then(() => send(form.dataset.list, files)).finally(() => (waiting -= 1));
}

async function send(address, files) {
  // The form is another since each list that came back.
  const form = document.querySelector(`form[data-upload][data-list="${CSS.escape(address)}"]`);
  if (!form) return;
  const list = form.querySelector("[data-uploads]");
  const most = Number(form.dataset.max);
  const rows = files.map((file) => line(list, file.name));
  const notes = [];
  for (const [rank, file] of files.entries()) {
    if (file.size > most) {
      refuse(rows[rank], `Plus de ${form.dataset.maxWords} : ce fichier n’est pas envoyé.`);
    } else if (!file.size) {
      refuse(rows[rank], "Ce fichier est vide.");
    } else {
      notes.push(...(await post(form, file, rows[rank])));
    }
  }
  // The list comes back with an empty form: what was refused goes over to it.
  const refused = [...list.children];
  await htmx.ajax("GET", form.dataset.list, {
    target: form.closest("[id]:not(form)"),
    swap: "outerHTML",
  });
  const fresh = document.querySelector("form[data-upload]");
  const place = fresh.querySelector("[data-uploads]");
  place.append(...refused, ...notes.map(noted));
  place.hidden = !place.children.length;
  if (!refused.length) announce("Pièces jointes.");
  fresh.querySelector("input[type=file]").focus();
}

function noted(words) {
  const item = document.createElement("li");
  item.className = "upload-line is-noted";
  item.textContent = words;
  return item;
}

document.addEventListener("change", (event) => {
  const form = event.target.closest?.("form[data-upload]");
  if (form) take(form);
});
document.addEventListener("submit", (event) => {
  const form = event.target.closest?.("form[data-upload]");
  if (!form) return;
  event.preventDefault();
  const field = form.querySelector("input[type=file]");
  if (field.files.length) take(form);
  else field.click();
});
addEventListener("beforeunload", (event) => waiting && event.preventDefault());
// What fast hands chose while this script was still coming.
for (const form of document.querySelectorAll("form[data-upload]")) take(form);

document.addEventListener("keydown", (event) => {
  const row = event.target.closest?.("[data-pieces] .piece");
  const move = { ArrowUp: "up", ArrowDown: "down" }[event.key];
  if (!row || !move || !event.altKey || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const button = row.querySelector(`button[name=move][value=${move}]`);
  if (button.getAttribute("aria-disabled") === "true") {
    announce("Cette pièce ne peut pas aller plus loin dans ce sens.");
  } else {
    button.focus();
    button.click();
  }
});
