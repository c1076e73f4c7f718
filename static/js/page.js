/* page.js — small manners of every page.
 *
 *   details.menu              closes on Escape, on a click elsewhere, when focus leaves
 *   [data-submit-on-change]   a field that sends its form when it changes
 *   .drop                     a file field that says which file was dropped on it
 *   #offline                  the banner shown while the network is away
 *   toast(words, {undo})      a passing note, in place of the one before; `undo` is {url}: a POST, then a reload; or a function
 *   announce(words)           words for screen readers only
 *
 * From the server: the header HX-Trigger: {"toast": {"message": "…", "undo": "/url/"}} shows a note.
 */

/** The token as it stands now: a sign-in in another tab changes it. */
export function csrfToken() {
  return document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1] || "";
}

document.body.addEventListener("htmx:configRequest", ({ detail }) => {
  detail.headers["X-CSRFToken"] = csrfToken();
  if (detail.parameters.has?.("csrfmiddlewaretoken")) {
    detail.parameters.set("csrfmiddlewaretoken", csrfToken());
  }
});

export function announce(words) {
  const box = document.getElementById("announcer");
  if (!box) return;
  box.textContent = "";
  setTimeout(() => (box.textContent = words), 50);
}

export function toast(words, { undo = null, seconds = 6 } = {}) {
  const box = document.getElementById("toasts");
  const note = document.createElement("p");
  note.className = "note";
  note.append(words);
  if (undo) {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Annuler";
    button.addEventListener("click", async () => {
      note.remove();
      if (typeof undo === "function") {
        undo();
        return;
      }
      const answer = await fetch(undo.url, {
        method: "POST",
        headers: { "X-CSRFToken": csrfToken() },
      }).catch(() => null);
      if (answer?.ok) location.reload();
      else toast("Cela n’a pas pu être annulé.");
    });
    note.append(button);
  }
  box.replaceChildren(note);
  let leaving;
  const leaveSoon = () => (leaving = setTimeout(() => note.remove(), seconds * 1000));
  note.addEventListener("pointerenter", () => clearTimeout(leaving));
  note.addEventListener("pointerleave", leaveSoon);
  note.addEventListener("focusin", () => clearTimeout(leaving));
  note.addEventListener("focusout", leaveSoon);
  leaveSoon();
}

document.addEventListener("toast", ({ detail }) => {
  toast(detail.message || detail.value, { undo: detail.undo ? { url: detail.undo } : null });
});

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  const menu = document.querySelector("details.menu[open]");
  if (!menu) return;
  menu.open = false;
  menu.querySelector("summary").focus();
});
document.addEventListener("focusout", (event) => {
  const menu = event.target.closest?.("details.menu[open]");
  if (menu && event.relatedTarget && !menu.contains(event.relatedTarget)) menu.open = false;
});

document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-submit-on-change]")) field.form.requestSubmit();
  if (field.matches(".drop input[type=file]")) {
    const names = Array.from(field.files, (file) => file.name).join(", ");
    const place = field.closest(".drop").querySelector(".drop-name");
    if (place) place.textContent = names;
  }
});
for (const kind of ["dragenter", "dragleave", "drop"]) {
  document.addEventListener(kind, (event) => {
    event.target.closest?.(".drop")?.classList.toggle("is-over", kind === "dragenter");
  });
}

const offline = document.getElementById("offline");
export function network(isThere) {
  if (offline) offline.hidden = isThere;
}
addEventListener("offline", () => network(false));
addEventListener("online", () => network(true));
if (navigator.onLine === false) network(false);

document.body.addEventListener("htmx:sendError", () => {
  toast("Le serveur ne répond pas : rien n’a été enregistré. Recommencez quand la connexion sera revenue.");
});
document.body.addEventListener("htmx:responseError", ({ detail }) => {
  const words = {
    403: "Ce geste ne vous est pas ouvert, ou votre session a expiré. Rechargez la page.",
    404: "Ce que vous modifiez n’existe plus. Rechargez la page.",
  };
  toast(words[detail.xhr.status] || "Le serveur n’a pas pu répondre : rien n’a été enregistré.");
});
