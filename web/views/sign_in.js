// One card to sign in or to make an account.

import * as api from "../api.js";
import { field, h, problem, show } from "./dom.js";

export function signInView({ note, onSignedIn }) {
  const node = h("div", { class: "welcome" });
  const open = (making, said) => {
    show(node, intro(), card(making, said, open, onSignedIn));
    return node.querySelector("input");
  };
  open(false, note);
  return { node };
}

function intro() {
  return h(
    "div",
    { class: "intro" },
    h("h1", {}, "Lectures you can read"),
    h("p", {}, "Upload a recording. Get every slide with the words spoken over it, as PDF, Word, Markdown or subtitles."),
  );
}

function card(making, note, open, onSignedIn) {
  const name = h("input", { type: "text", name: "name", autocomplete: "name", maxlength: 240 });
  const login = making
    ? h("input", { type: "email", name: "email", autocomplete: "username", required: true, maxlength: 254 })
    : h("input", { type: "text", name: "login", autocomplete: "username", required: true, maxlength: 254, autocapitalize: "none", spellcheck: "false" });
  const password = h("input", {
    type: "password",
    name: "password",
    autocomplete: making ? "new-password" : "current-password",
    required: true,
    minlength: making ? 8 : 1,
    maxlength: 256,
  });
  const said = h("div", { class: "said" }, note && h("p", { class: "note", role: "status" }, note));
  const go = h("button", { type: "submit", class: "button primary wide" }, making ? "Create account" : "Sign in");

  async function submit(event) {
    event.preventDefault();
    go.disabled = true;
    show(said);
    try {
      if (!making) return onSignedIn(await api.signIn(login.value.trim(), password.value));
      const made = await api.register(login.value.trim(), password.value, name.value.trim());
      if (made.user) onSignedIn(made.user);
      else open(false, made.message).focus(); // the address has to be verified first
    } catch (error) {
      go.disabled = false;
      show(said, problem(error));
      password.focus();
      password.select();
    }
  }

  async function forgot() {
    if (!login.value.trim()) return login.focus();
    try {
      const answer = await api.forgotPassword(login.value.trim());
      show(said, h("p", { class: "note", role: "status" }, answer.message));
    } catch (error) {
      show(said, problem(error));
    }
  }

  const other = h(
    "button",
    { type: "button", class: "link", on: { click: () => open(!making, "").focus() } },
    making ? "I have an account" : "Create an account",
  );
  return h(
    "section",
    { class: "card narrow", "aria-labelledby": "sign-in-title" },
    h("h2", { id: "sign-in-title" }, making ? "Create an account" : "Sign in"),
    h(
      "form",
      { class: "form", on: { submit } },
      said,
      making && field("Name (optional)", name),
      field(making ? "E-mail address" : "E-mail address or user name", login),
      field("Password", password, making ? "At least 8 characters." : ""),
      go,
    ),
    h("p", { class: "aside" }, making ? "Been here before? " : "New here? ", other),
    !making && h("p", { class: "aside" }, h("button", { type: "button", class: "link", on: { click: forgot } }, "Forgot your password?")),
  );
}
