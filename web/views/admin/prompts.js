// Versions of prompts: add, activate, deactivate and delete them.

import { call } from "../../api.js";
import { formatDateTime } from "../../format.js";
import { t } from "../../i18n.js";
import { fromServer, loadServerTexts } from "../../server_text.js";
import { errorNote, field, h, replaceContent } from "../dom.js";
import { keepFormDrafts } from "../draft_field.js";
import { diffNode } from "./line_diff.js";
import { listView, selectInput } from "./list_view.js";

const PATH = "/api/v1/admin/prompts";
const SUMMARY_LENGTH = 60;
const MAX_COMPARED = 100;
const KIND_LABELS = { transcribe: t("Transcribing"), proofread: t("Proofreading"), script: t("Scripts of lessons") };

export async function promptsSection() {
  const [kinds] = await Promise.all([call("GET", "/api/v1/admin/prompt-kinds"), loadServerTexts()]);
  const kindLabels = Object.fromEntries(kinds.map(({ name }) => [name, KIND_LABELS[name] ?? name]));
  const list = h("div");
  const showVersions = async () => replaceContent(list, await versionList(kindLabels));
  await showVersions();
  return h("div", {}, addForm(kinds, kindLabels, showVersions), list);
}

function addForm(kinds, kindLabels, onAdded) {
  const messages = h("div");
  const text = h("textarea", { name: "prompt", rows: "6", required: true, maxlength: "50000" });
  const form = h(
    "form",
    { class: "panel", "aria-label": t("Add a version"), on: { submit } },
    h("h2", {}, t("Add a version")),
    field(t("Kind"), selectInput("name", t("Kind"), kindLabels), kinds.map((kind) => `${kindLabels[kind.name]}: ${fromServer(kind.description)}`).join(" ")),
    field(t("Version"), h("input", { name: "version", maxlength: "60" }), t("Numbered automatically if empty.")),
    field(t("Prompt"), text),
    h("label", { class: "checkbox" }, h("input", { type: "checkbox", name: "activate" }), " ", t("Activate this version")),
    h("div", { class: "row" }, h("button", { class: "button" }, t("Add"))),
    messages,
  );
  const drafts = keepFormDrafts(form, "prompt");
  messages.before(drafts.note);

  async function submit(event) {
    event.preventDefault();
    const values = Object.fromEntries(new FormData(form));
    try {
      await call("POST", PATH, { ...values, activate: values.activate === "on" });
      replaceContent(messages);
      form.reset();
      drafts.clear();
      await onAdded();
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  return form;
}

// The text of a version, and how it differs from the active one of its kind.
function promptDetails(prompt) {
  const difference = h("div", {});
  const node = h("details", { on: { toggle: () => node.open && !prompt.active && showDifference() } }, h("summary", {}, prompt.prompt.slice(0, SUMMARY_LENGTH)), h("pre", { class: "log", tabindex: "0" }, prompt.prompt), difference);

  async function showDifference() {
    try {
      const versions = await call("GET", `${PATH}?name=${encodeURIComponent(prompt.name)}&limit=${MAX_COMPARED}`);
      const active = versions.find((each) => each.active);
      const label = active && t("Changes from the active version {version}", { version: active.version });
      replaceContent(difference, active && [h("p", { class: "hint" }, label), diffNode(label, active.prompt, prompt.prompt)]);
    } catch (error) {
      replaceContent(difference, errorNote(error));
    }
  }

  return node;
}

function versionList(kindLabels) {
  return listView({
    path: PATH,
    label: t("Prompts"),
    filters: [selectInput("name", t("Show"), { "": t("All kinds"), ...kindLabels })],
    columns: [t("Kind"), t("Version"), t("Prompt"), t("Added"), ""],
    emptyText: t("No versions yet."),
    row: (prompt, actionButton) => {
      const path = `${PATH}/${prompt.id}`;
      const actions = prompt.active
        ? [actionButton(t("Deactivate"), t("Deactivate {name}? No version of it will be active.", { name: kindLabels[prompt.name] ?? prompt.name }), "POST", `${path}/deactivate`)]
        : [
            actionButton(t("Activate"), "", "POST", `${path}/activate`),
            actionButton(t("Delete"), t("Delete {name} {version}? This cannot be undone.", { name: kindLabels[prompt.name] ?? prompt.name, version: prompt.version }), "DELETE", path),
          ];
      return [
        h("td", { class: "nowrap" }, kindLabels[prompt.name] ?? prompt.name),
        h("td", { class: "nowrap" }, prompt.version, prompt.active && h("b", {}, ` ${t("active")}`)),
        promptDetails(prompt),
        h("span", {}, formatDateTime(prompt.created_at), h("span", { class: "meta" }, ` ${prompt.created_by}`)),
        h("td", { class: "row-actions" }, actions),
      ];
    },
  });
}
