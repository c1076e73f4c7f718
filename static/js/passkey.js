// A passkey: the button asks the browser for one, its answer goes into the form, which leaves.

const TOO_OLD = "Ce navigateur ne connaît pas les clés d’accès.";
const NOTHING = "Rien n’a été fait : recommencez, ou choisissez un autre moyen.";

async function answer(button) {
  const options = JSON.parse(button.dataset.options);
  if (button.dataset.passkey === "create") {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(options);
    return navigator.credentials.create({ publicKey });
  }
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options);
  return navigator.credentials.get({ publicKey });
}

for (const button of document.querySelectorAll("[data-passkey]")) {
  const form = button.closest("form");
  const said = form.querySelector("[data-passkey-said]");
  button.addEventListener("click", async () => {
    if (!window.PublicKeyCredential?.parseCreationOptionsFromJSON) {
      said.textContent = TOO_OLD;
      return;
    }
    if (button.dataset.passkey === "create" && !form.reportValidity()) return;
    said.textContent = "";
    try {
      const credential = await answer(button);
      form.querySelector("input[name$=cle]").value = JSON.stringify(credential);
      form.submit();
    } catch {
      said.textContent = NOTHING;
    }
  });
}
