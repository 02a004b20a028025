// The user's name and password.

import { call } from "../../api.js";
import { t } from "../../i18n.js";
import { field, h } from "../dom.js";
import { actionForm } from "../forms.js";

export function profileSection(user, showUser) {
  const input = (name, value, properties = {}) => {
    const control = h("input", { name, maxlength: 120, ...properties });
    control.value = value ?? "";
    return control;
  };
  const email = input("", user.email, { readonly: true, autocomplete: "email" });
  const form = actionForm({
    label: t("Profile"),
    fields: [
      field(t("E-mail address"), email, t("It can't be changed. To use another one, export your data and register again.")),
      h("div", { class: "field-pair" }, field(t("First name"), input("first_name", user.first_name, { autocomplete: "given-name" })), field(t("Last name"), input("last_name", user.last_name, { autocomplete: "family-name" }))),
      field(t("User name (optional)"), input("username", user.username, { autocomplete: "username", maxlength: 64, pattern: "[A-Za-z0-9][A-Za-z0-9_.\\-]{1,63}" }), t("2 to 64 letters, digits, dots, dashes or underscores. You can sign in with it.")),
    ],
    submitLabel: t("Save"),
    draft: "profile",
    async submit(values) {
      const { username, ...names } = values;
      const payload = await call("PATCH", "/api/v1/users/me", username ? values : names);
      showUser(payload.user);
      return t("Your profile has been saved.");
    },
  });
  return h("section", { class: "card stack", id: "profile", "aria-labelledby": "profile-title" }, h("h2", { id: "profile-title" }, t("Profile")), form);
}

export function passwordSection() {
  const form = actionForm({
    label: t("Password"),
    fields: [
      field(t("Current password"), h("input", { type: "password", name: "current_password", autocomplete: "current-password", maxlength: 256 })),
      field(t("New password"), h("input", { type: "password", name: "new_password", autocomplete: "new-password", required: true, minlength: 8, maxlength: 256 }), t("At least 8 characters.")),
      h("label", { class: "checkbox" }, h("input", { type: "checkbox", name: "revoke_keys" }), h("span", {}, t("Revoke all API keys too"))),
    ],
    submitLabel: t("Change password"),
    async submit(values, passwordForm) {
      const payload = await call("POST", "/api/v1/auth/change-password", { ...values, revoke_keys: values.revoke_keys === "on" });
      passwordForm.reset();
      const keysNote = payload.api_keys_kept ? ` ${t("API keys that still work: {count}.", { count: payload.api_keys_kept })}` : "";
      return t("Your password has been changed. Other devices are signed out.") + keysNote;
    },
  });
  return h("section", { class: "card stack", id: "password", "aria-labelledby": "password-title" }, h("h2", { id: "password-title" }, t("Password")), form);
}
