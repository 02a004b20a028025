// What links in e-mails lead to: the address is verified, or a new password is asked for.

import * as api from "../api.js";
import { field, h, problem, show } from "./dom.js";

// -> { kind: "verify" | "reset", token } of a link that led here. It is taken out of the address: it is nobody else's.
export function letterInAddress() {
  const found = location.hash.match(/^#(verify|reset)=([\w-]{20,100})$/);
  if (!found) return null;
  history.replaceState(null, "", location.pathname + location.search);
  return { kind: found[1], token: found[2] };
}

export function newPasswordView({ token, onDone }) {
  const password = h("input", { type: "password", name: "password", autocomplete: "new-password", required: true, minlength: 8, maxlength: 256 });
  const said = h("div", { class: "said" });
  const go = h("button", { type: "submit", class: "button primary wide" }, "Set password");

  async function submit(event) {
    event.preventDefault();
    go.disabled = true;
    show(said);
    try {
      const answer = await api.resetPassword(token, password.value);
      onDone(answer.message);
    } catch (error) {
      go.disabled = false;
      show(said, problem(error));
      password.focus();
    }
  }

  const form = h("form", { class: "form", on: { submit } }, said, field("New password", password, "At least 8 characters."), go);
  const title = h("h2", { id: "password-title" }, "Set a new password");
  const node = h("div", { class: "welcome" }, h("section", { class: "card narrow", "aria-labelledby": "password-title" }, title, form));
  return { node };
}
