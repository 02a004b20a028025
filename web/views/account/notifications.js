// Which results of jobs create a notice, and which an e-mail.

import { call } from "../../api.js";
import { t } from "../../i18n.js";
import { h } from "../dom.js";
import { actionForm, loadedSection } from "../forms.js";

const PATH = "/api/v1/users/me/notifications";

export function notificationsSection() {
  return loadedSection({ id: "notifications", title: t("Notifications"), load }).node;
}

async function load() {
  const preferences = await call("GET", PATH);
  const choice = (channel, kind, label) =>
    h("label", { class: "checkbox" }, h("input", { type: "checkbox", name: `${channel}.${kind}`, checked: preferences[channel].includes(kind) }), h("span", {}, label));
  const group = (channel, title, hint) =>
    h("fieldset", { class: "choices" }, h("legend", {}, title), hint && h("p", { class: "hint" }, hint), choice(channel, "succeeded", t("When a recording is ready")), choice(channel, "failed", t("When a conversion fails")));
  return actionForm({
    label: t("Notifications"),
    fields: [group("in_app", t("Notices on this page"), ""), group("email", t("E-mail"), preferences.email_available ? "" : t("This server does not send e-mail yet."))],
    submitLabel: t("Save"),
    async submit(values) {
      const kinds = (channel) => ["succeeded", "failed"].filter((kind) => values[`${channel}.${kind}`] === "on");
      await call("PUT", PATH, { in_app: kinds("in_app"), email: kinds("email") });
      return t("Your choice has been saved.");
    },
  });
}
