// Settings of outgoing e-mail, and a test of them.

import { call } from "../../api.js";
import { formatDateTime } from "../../format.js";
import { t } from "../../i18n.js";
import { serverText } from "../../server_text.js";
import { button, errorNote, field, h, replaceContent, statusNote } from "../dom.js";
import { keepFormDrafts } from "../draft_field.js";
import { selectInput } from "./list_view.js";

const PATH = "/api/v1/admin/email";
const ENCRYPTION_LABELS = { auto: t("Automatic, by port"), starttls: "STARTTLS", tls: "TLS", none: t("None") };

export async function emailSection() {
  const container = h("div");
  showForm(container, await call("GET", `${PATH}/config`));
  return container;
}

function showForm(container, config) {
  const messages = h("div", { role: "status" });

  // Return an event listener that calls `change` and shows its error.
  const handle = (change) => async (event) => {
    event.preventDefault();
    try {
      await change();
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  };
  const showStored = (stored) => {
    drafts.clear();
    showForm(container, stored);
  };
  const save = handle(async () => showStored(await call("POST", `${PATH}/config`, changedValues(form, config))));
  const reset = handle(async () => showStored(await call("DELETE", `${PATH}/config`)));
  const sendTest = handle(async () => replaceContent(messages, statusNote(serverText((await call("POST", `${PATH}/test`, {})).message))));
  const form = h(
    "form",
    { class: "panel", "aria-label": t("Mail server"), on: { submit: save } },
    h("h2", {}, t("Mail server")),
    h("p", {}, stateText(config)),
    configFields(config),
    h(
      "div",
      { class: "row" },
      h("button", { class: "button" }, t("Save")),
      button(t("Send a test e-mail"), { variant: "quiet", on: { click: sendTest } }),
      config.source === "database" && button(t("Reset"), { variant: "quiet", on: { click: reset } }),
    ),
    messages,
  );
  const drafts = keepFormDrafts(form, "mail-server");
  messages.before(drafts.note);
  replaceContent(container, form);
}

function configFields(config) {
  const input = (name, properties = {}) => h("input", { name, autocomplete: "off", value: config[name] ?? "", ...properties });
  const encryption = selectInput("encryption", t("Encryption"), ENCRYPTION_LABELS);
  encryption.value = config.encryption;
  const password = h("input", { name: "smtp_password", type: "password", autocomplete: "new-password" });
  const passwordHint = config.password_set
    ? t("A password is stored. Enter it again when you change server, port, user or encryption.")
    : t("No password is stored.");
  return [
    field(t("Server"), input("smtp_host")),
    field(t("Port"), input("smtp_port", { type: "number", min: 1, max: 65535, required: true })),
    field(t("Encryption"), encryption),
    field(t("User"), input("smtp_user")),
    field(t("Password"), password, passwordHint),
    field(t("Sender address"), input("from_email")),
    field(t("Sender name"), input("from_name")),
  ];
}

function stateText(config) {
  if (!config.configured && config.source !== "database") return t("No mail server is set, so no e-mail is sent.");
  const state = config.configured ? t("E-mail is sent through {smtpHost}.", { smtpHost: config.smtp_host }) : t("No mail server is set, so no e-mail is sent.");
  const source =
    config.source === "database" ? t("Changed here by {changedBy}, {changedAt}.", { changedBy: config.changed_by, changedAt: formatDateTime(config.changed_at) }) : t("Set by the environment.");
  return `${state} ${source}`;
}

// A stored password is kept unless a new one is entered.
function changedValues(form, config) {
  const { smtp_password: password, smtp_port: port, ...texts } = Object.fromEntries(new FormData(form));
  const values = Object.entries({ ...texts, smtp_port: Number(port) });
  const changes = Object.fromEntries(values.filter(([name, value]) => value !== config[name]));
  return password || !config.password_set ? { ...changes, smtp_password: password } : changes;
}
