// Prompts: their versions, which one counts, and a form to add another.

import { call } from "../../api.js";
import { field, h, problem, show } from "../dom.js";
import { choice, listView, when } from "./table.js";

const PATH = "/api/v1/admin/prompts";

export async function promptsView() {
  const kinds = await call("GET", "/api/v1/admin/prompt-kinds");
  const names = Object.fromEntries(kinds.map((kind) => [kind.name, kind.name]));
  const list = h("div");
  const draw = async () => show(list, await versions(names));
  await draw();
  const unused = kinds.every((kind) => !kind.in_use);
  const warning = h("p", { class: "note" }, "Nothing asks for prompts yet: proofreading and scripts come with a later version. What is kept here will count then.");
  return h("div", {}, unused && warning, addForm(kinds, names, draw), list);
}

function addForm(kinds, names, added) {
  const said = h("div");
  const text = h("textarea", { name: "prompt", rows: "6", required: true, maxlength: "50000" });
  const form = h(
    "form",
    { class: "panel", "aria-label": "Add a version", on: { submit: send } },
    h("h2", {}, "Add a version"),
    field("For", choice("name", "For", names), kinds.map((kind) => `${kind.name}: ${kind.description}`).join(" ")),
    field("Version", h("input", { name: "version", maxlength: "60" }), "Left empty, it is numbered."),
    field("Prompt", text),
    h("label", { class: "check" }, h("input", { type: "checkbox", name: "activate" }), " Activate it at once"),
    h("div", { class: "row" }, h("button", { class: "button" }, "Add")),
    said,
  );

  async function send(event) {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(form));
    try {
      await call("POST", PATH, { ...given, activate: given.activate === "on" });
      show(said);
      form.reset();
      await added();
    } catch (error) {
      show(said, problem(error));
    }
  }

  return form;
}

function versions(names) {
  return listView({
    path: PATH,
    label: "Prompts",
    filters: [choice("name", "Kind", { "": "Every kind", ...names })],
    heads: ["For", "Version", "Prompt", "Added", ""],
    empty: "There is no version yet.",
    row: (prompt, act) => {
      const path = `${PATH}/${prompt.id}`;
      const label = `${prompt.name} ${prompt.version}`;
      const acts = prompt.active
        ? [act("Deactivate", `No version of ${prompt.name} is to count any more?`, "POST", `${path}/deactivate`)]
        : [act("Activate", "", "POST", `${path}/activate`), act("Delete", `Delete ${label}? This can't be undone.`, "DELETE", path)];
      return [
        h("td", { class: "short" }, prompt.name),
        h("td", { class: "short" }, prompt.version, prompt.active && h("b", {}, " active")),
        h("details", {}, h("summary", {}, prompt.prompt.slice(0, 60)), h("pre", { class: "log", tabindex: "0" }, prompt.prompt)),
        h("span", {}, when(prompt.created_at), h("span", { class: "meta" }, ` ${prompt.created_by}`)),
        h("td", { class: "acts" }, acts),
      ];
    },
  });
}
