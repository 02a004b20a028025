// The user's API keys: a key is shown once, when it is created.

import { call } from "../../api.js";
import { formatDate, formatDateTime } from "../../format.js";
import { t } from "../../i18n.js";
import { askFor } from "../dialogs.js";
import { button, field, h } from "../dom.js";
import { actionForm, loadedSection } from "../forms.js";
import { secretNote } from "./secret_note.js";

const PATH = "/api/v1/api-keys";

export function keysSection(user) {
  const section = loadedSection({ id: "api-keys", title: t("API keys"), hint: t("Programs use them in place of your password: Authorization: Bearer KEY."), load });
  let newKey = null; // shown until the page is left

  async function load() {
    const { api_keys: keys } = await call("GET", PATH);
    const current = keys.filter((key) => !key.revoked_at);
    const list = current.length ? h("ul", { class: "rows" }, current.map(row)) : h("p", { class: "hint" }, t("You have no API keys."));
    return [newKey && secretNote(t("Copy the key now. It is not shown again."), newKey), list, h("details", { class: "advanced" }, h("summary", {}, t("Create an API key")), keyForm())];
  }

  function row(key) {
    const expiry = key.expires_at ? t("expires {date}", { date: formatDate(key.expires_at) }) : t("does not expire");
    const details = [`${key.prefix}…`, key.scopes.join(", "), expiry, t("last used: {time}", { time: formatDateTime(key.last_used_at) })].join(" · ");
    const revokeButton = button(t("Revoke"), { variant: "quiet", "aria-label": t("Revoke {name}", { name: key.name }), on: { click: () => revoke(key) } });
    return h("li", {}, h("div", { class: "row-text" }, h("p", { class: "strong" }, key.name), h("p", { class: "meta" }, details)), revokeButton);
  }

  function keyForm() {
    const scopes = [
      ["content:read", t("Read recordings and documents"), true],
      ["content:write", t("Upload, convert and delete recordings"), true],
      ["webhooks:read", t("Read webhooks"), false],
      ["webhooks:write", t("Change webhooks"), false],
      ["account:read", t("Read the account"), false],
      ...(user.is_admin ? [["admin:read", t("Read the administration"), false], ["admin:write", t("Administer"), false]] : []),
    ];
    const choices = scopes.map(([scope, label, isChecked]) => h("label", { class: "checkbox" }, h("input", { type: "checkbox", name: scope, checked: isChecked }), h("span", {}, label, h("span", { class: "hint" }, scope))));
    return actionForm({
      label: t("Create an API key"),
      fields: [
        field(t("Name"), h("input", { name: "name", required: true, maxlength: 120, autocomplete: "off" }), t("For example the program that uses it.")),
        h("fieldset", { class: "choices" }, h("legend", {}, t("What it may do")), choices),
        field(t("Expires after (days)"), h("input", { name: "days", type: "number", min: 1, max: 3660, inputmode: "numeric", placeholder: t("Never") })),
      ],
      submitLabel: t("Create"),
      draft: "api-key",
      variant: "primary",
      async submit({ name, days, ...values }) {
        const body = { name, scopes: Object.keys(values) };
        if (days) body.expires_in_days = Number(days);
        newKey = (await call("POST", PATH, body)).key;
        await section.reload(t("The key has been created."));
        return "";
      },
    });
  }

  async function revoke(key) {
    if (!(await askFor(t("Revoke {name}?", { name: key.name }), t("Revoke"), { variant: "danger", text: t("Programs that use this key stop working.") }))) return;
    try {
      await call("DELETE", `${PATH}/${encodeURIComponent(key.id)}`);
      newKey = null;
      await section.reload(t("The key has been revoked."));
    } catch (error) {
      section.showError(error);
    }
  }

  return section.node;
}
