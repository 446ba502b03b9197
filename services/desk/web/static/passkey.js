// What only a browser can do: have a passkey made, or sign with one. A page says what it wants in its form:
//
//   <form data-passkey="create|get" data-options="…"> with a field `answer`, and elements with data-failure="…"
//
// What stands there for `scripts` is seen until this runs. The answer is put into the form, which is then sent like any other.
"use strict";

for (const form of document.querySelectorAll("form[data-passkey]")) {
  const button = form.querySelector("button[type=submit]");

  const tell = (failure) => {
    for (const told of form.querySelectorAll("[data-failure]")) {
      told.hidden = told.dataset.failure !== failure;
      if (!told.hidden) told.focus();
    }
  };

  const sign = async () => {
    const options = JSON.parse(form.dataset.options);
    if (form.dataset.passkey === "create") {
      return navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) });
    }
    return navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(options) });
  };

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    button.disabled = true;
    tell("");
    try {
      const credential = await sign();
      form.elements.answer.value = JSON.stringify(credential.toJSON());
      form.submit();
    } catch (error) {
      button.disabled = false;
      tell(error.name === "InvalidStateError" ? "known" : "other");
    }
  });

  if (window.PublicKeyCredential?.parseRequestOptionsFromJSON) {
    tell("");
    button.disabled = false;
  } else {
    tell("unable");
  }
}
