// The pages behind links in account e-mails: verify an address, set a new password.

import * as api from "../api.js";
import { t } from "../i18n.js";
import { errorNote, field, h, replaceContent } from "./dom.js";

// `parameter` is the token of the link. `openHome(message)` leaves the page.
export function verifyEmailPage({ parameter: token, openHome }) {
  api.verifyEmail(token).then(
    (payload) => openHome(payload.message),
    (error) => openHome([error.message, error.hint].filter(Boolean).join(" ")),
  );
  return { node: h("p", { class: "hint", role: "status" }, t("Verifying your e-mail address …")) };
}

export function newPasswordPage({ parameter: token, openHome }) {
  const password = h("input", { type: "password", name: "password", autocomplete: "new-password", required: true, minlength: 8, maxlength: 256 });
  const messages = h("div", { class: "messages" });
  const submitButton = h("button", { type: "submit", class: "button primary wide" }, t("Set password"));

  async function submit(event) {
    event.preventDefault();
    submitButton.disabled = true;
    replaceContent(messages);
    try {
      const payload = await api.resetPassword(token, password.value);
      openHome(payload.message);
    } catch (error) {
      submitButton.disabled = false;
      replaceContent(messages, errorNote(error));
      password.focus();
    }
  }

  const form = h("form", { class: "form", on: { submit } }, messages, field(t("New password"), password, t("At least 8 characters.")), submitButton);
  const title = h("h2", { id: "password-title" }, t("Set a new password"));
  return { node: h("div", { class: "sign-in" }, h("section", { class: "card narrow", "aria-labelledby": "password-title" }, title, form)) };
}
