// Settings that can be changed while the server runs.

import { call } from "../../api.js";
import { editableSize, formatDateTime, formatSize, parseSize } from "../../format.js";
import { t } from "../../i18n.js";
import { fromServer, loadServerTexts } from "../../server_text.js";
import { announce, button, errorNote, field, h, replaceContent } from "../dom.js";
import { keepFormDrafts } from "../draft_field.js";
import { selectInput } from "./list_view.js";

const PATH = "/api/v1/admin/settings";
const GROUPS = {
  [t("Registration")]: ["registration_open"],
  [t("Upload limits")]: ["max_upload_bytes", "max_duration_s"],
  [t("Limits per user")]: ["user_quota_bytes", "user_active_jobs", "user_uploads_per_day"],
  [t("Links")]: ["signed_url_s"],
  [t("Private addresses")]: ["webhook_allow_private", "servers_allow_private"],
};
const BOOLEAN_LABELS = { true: t("Yes"), false: t("No") };

export async function settingsSection() {
  const [settings] = await Promise.all([call("GET", PATH), loadServerTexts()]);
  const groupedNames = Object.values(GROUPS).flat();
  const groups = Object.entries(GROUPS).map(([title, names]) => [title, settings.filter(({ name }) => names.includes(name))]);
  groups.push([t("Other settings"), settings.filter(({ name }) => !groupedNames.includes(name))]);
  return h("div", {}, groups.filter(([, members]) => members.length).map(([title, members]) => settingGroup(title, members)));
}

function settingGroup(title, settings) {
  return h("section", { class: "panel", "aria-label": title }, h("h2", {}, title), settings.map((setting) => settingEditor(setting)));
}

function settingEditor(setting) {
  const container = h("div", { class: "setting" });
  showForm(container, setting);
  return container;
}

function showForm(container, setting) {
  const path = `${PATH}/${encodeURIComponent(setting.name)}`;
  const label = labelOf(setting);
  const isChanged = setting.source === "database";
  const control = valueInput(setting, label);
  const messages = h("div", { role: "status" });

  const sendOn = (method, createBody, outcome) => async (event) => {
    event.preventDefault();
    try {
      const { setting: stored } = await call(method, path, createBody());
      drafts.clear();
      showForm(container, stored);
      container.querySelector("input, select").focus();
      announce(`${label}: ${outcome}`);
    } catch (error) {
      control.setAttribute("aria-invalid", "true");
      replaceContent(messages, errorNote(error));
      control.focus();
    }
  };
  const save = sendOn("PUT", () => ({ value: valueOf(setting, control.value) }), t("saved."));
  const reset = sendOn("DELETE", () => undefined, t("reset."));
  const actions = h(
    "div",
    { class: "row" },
    h("button", { class: "button", "aria-label": t("Save {name}", { name: setting.name }) }, t("Save")),
    isChanged && button(t("Reset"), { variant: "quiet", "aria-label": t("Reset {name}", { name: setting.name }), on: { click: reset } }),
  );
  const source = h(isChanged ? "b" : "span", {}, sourceText(setting), setting.note && ` ${setting.note}`);
  const hint = [h("code", {}, setting.name), ` · ${t("default: {value}", { value: formatValue(setting, setting.default) })} · `, source];
  const form = h("form", { on: { submit: save }, novalidate: true, "aria-label": setting.name }, field(label, control, hint), actions, messages);
  const drafts = keepFormDrafts(form, `setting.${setting.name}`);
  messages.before(drafts.note);
  replaceContent(container, form);
}

// "Whether anyone may register an account." -> "Anyone may register an account"
function labelOf(setting) {
  return fromServer(setting.description).replace(/^Whether (.)/, (_, first) => first.toUpperCase()).replace(/\.$/, "");
}

function valueOf(setting, text) {
  if (!isSize(setting)) return text.trim();
  const size = parseSize(text);
  if (size === null) throw new Error(t("This is not a size. Enter one such as 500 MiB or 10 GiB."));
  return size;
}

function valueInput(setting, label) {
  if (isSize(setting)) return h("input", { name: "value", autocomplete: "off", value: editableSize(setting.value ?? "") });
  if (setting.type !== "bool") return h("input", { name: "value", autocomplete: "off", inputmode: "decimal", value: String(setting.value ?? "") });
  const control = selectInput("value", label, BOOLEAN_LABELS);
  control.value = String(setting.value);
  return control;
}

function formatValue(setting, value) {
  if (setting.type === "bool") return BOOLEAN_LABELS[value];
  return isSize(setting) ? formatSize(value) : String(value);
}

const isSize = (setting) => setting.name.endsWith("_bytes");

function sourceText(setting) {
  if (setting.source === "database") return t("changed here by {changedBy}, {updatedAt}.", { changedBy: setting.changed_by, updatedAt: formatDateTime(setting.updated_at) });
  return setting.source === "environment" ? t("set by the environment.") : t("not changed.");
}
