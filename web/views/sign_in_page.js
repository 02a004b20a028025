// The sign-in form, which becomes the registration form on request.

import * as api from "../api.js";
import { basePath } from "../base_path.js";
import { t } from "../i18n.js";
import { errorNote, field, h, replaceContent, statusNote } from "./dom.js";

// `message` is shown above the form, `onSignedIn(user)` called once.
export function signInPage({ message, onSignedIn }) {
  const node = h("div", { class: "sign-in" });

  // Return the first input.
  function showForm(createForm, formMessage = "") {
    replaceContent(node, introduction(), createForm({ message: formMessage, onSignedIn, showForm }));
    return node.querySelector("input");
  }

  showForm(signInForm, message);
  return { node };
}

function introduction() {
  return h(
    "div",
    { class: "introduction" },
    h("h1", {}, t("Lectures you can read")),
    h("p", {}, t("Upload a recording. Get every slide with the words spoken over it, as PDF, Word, Markdown or subtitles.")),
    h("img", { class: "sample-picture", src: `${basePath}/web/sample.webp`, width: 1000, height: 485, alt: t("A lecture next to its transcript: click a sentence to play from there.") }),
  );
}

function signInForm({ message, onSignedIn, showForm }) {
  const login = h("input", { type: "text", name: "login", autocomplete: "username", required: true, maxlength: 254, autocapitalize: "none", spellcheck: "false" });
  const password = passwordInput("current-password", 1);
  const card = accountCard({
    title: t("Sign in"),
    message,
    fields: [field(t("E-mail address or user name"), login), field(t("Password"), password)],
    footnotes: [
      [t("New here?"), " ", linkButton(t("Create an account"), () => showForm(registrationForm).focus())],
      [linkButton(t("Forgot your password?"), requestPasswordReset)],
    ],
    submitLabel: t("Sign in"),
    password,
    submit: async () => onSignedIn(await api.signIn(login.value.trim(), password.value)),
  });

  async function requestPasswordReset() {
    if (!login.value.trim()) {
      card.showMessage(statusNote(t("Enter your e-mail address first; the link to a new password is sent there.")));
      return login.focus();
    }
    try {
      const payload = await api.forgotPassword(login.value.trim());
      card.showMessage(statusNote(payload.message));
    } catch (error) {
      card.showMessage(errorNote(error.code === "mail_not_configured" ? { message: error.message, hint: t("Ask your administrator for a new password.") } : error));
    }
  }

  return card.node;
}

function registrationForm({ message, onSignedIn, showForm }) {
  const name = h("input", { type: "text", name: "name", autocomplete: "name", maxlength: 240 });
  const email = h("input", { type: "email", name: "email", autocomplete: "username", required: true, maxlength: 254 });
  const password = passwordInput("new-password", 8);
  return accountCard({
    title: t("Create an account"),
    message,
    fields: [field(t("Name (optional)"), name), field(t("E-mail address"), email), field(t("Password"), password, t("At least 8 characters."))],
    footnotes: [[t("Already registered?"), " ", linkButton(t("Sign in"), () => showForm(signInForm).focus())]],
    submitLabel: t("Create account"),
    password,
    async submit() {
      const payload = await api.register(email.value.trim(), password.value, name.value.trim());
      if (payload.user) onSignedIn(payload.user);
      else showForm(signInForm, payload.message).focus(); // the e-mail address has to be verified first
    },
  }).node;
}

function accountCard({ title, message, fields, footnotes, submitLabel, password, submit }) {
  const messages = h("div", { class: "messages" }, message && statusNote(message));
  const submitButton = h("button", { type: "submit", class: "button primary wide" }, submitLabel);

  async function handleSubmit(event) {
    event.preventDefault();
    submitButton.disabled = true;
    replaceContent(messages);
    try {
      await submit();
    } catch (error) {
      submitButton.disabled = false;
      replaceContent(messages, errorNote(error));
      password.focus();
      password.select();
    }
  }

  const node = h(
    "section",
    { class: "card narrow", "aria-labelledby": "sign-in-title" },
    h("h2", { id: "sign-in-title" }, title),
    h("form", { class: "form", on: { submit: handleSubmit } }, messages, fields, submitButton),
    footnotes.map((children) => h("p", { class: "card-footnote" }, children)),
  );
  return { node, showMessage: (note) => replaceContent(messages, note) };
}

function passwordInput(autocomplete, minLength) {
  return h("input", { type: "password", name: "password", autocomplete, required: true, minlength: minLength, maxlength: 256 });
}

function linkButton(label, click) {
  return h("button", { type: "button", class: "link-button", on: { click } }, label);
}
