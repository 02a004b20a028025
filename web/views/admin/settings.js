// Settings that count while the server runs: what they are, what they were, and a way back.

import { call } from "../../api.js";
import { announce, button, field, h, problem, show } from "../dom.js";
import { choice, size, when } from "./table.js";

const PATH = "/api/v1/admin/settings";
const GROUPS = {
  "Who may come in": ["registration_open"],
  "What may be sent": ["max_upload_bytes", "max_duration_s"],
  "What one user may have": ["user_quota_bytes", "user_active_jobs", "user_uploads_per_day"],
  Links: ["signed_url_s"],
  "Private addresses": ["webhook_allow_private", "servers_allow_private"],
};
const YES_OR_NO = { true: "Yes", false: "No" };

export async function settingsView() {
  const known = await call("GET", PATH);
  const named = Object.values(GROUPS).flat();
  const grouped = Object.entries(GROUPS).map(([title, names]) => [title, known.filter((each) => names.includes(each.name))]);
  const others = ["Others", known.filter((each) => !named.includes(each.name))];
  return h("div", {}, [...grouped, others].filter(([, found]) => found.length).map(([title, found]) => group(title, found)));
}

function group(title, found) {
  return h("section", { class: "panel", "aria-label": title }, h("h2", {}, title), found.map((setting) => one(setting)));
}

function one(setting) {
  const place = h("div", { class: "setting" });
  draw(place, setting);
  return place;
}

function draw(place, setting) {
  const path = `${PATH}/${encodeURIComponent(setting.name)}`;
  const label = setting.description.replace(/\.$/, "");
  const changed = setting.source === "database";
  const control = controlOf(setting, label);
  const said = h("div", { role: "status" });

  const act = (method, body, done) => async (event) => {
    event.preventDefault();
    try {
      draw(place, (await call(method, path, body?.())).setting);
      place.querySelector("input, select").focus();
      announce(`${label}: ${done}`);
    } catch (error) {
      control.setAttribute("aria-invalid", "true");
      show(said, problem(error));
      control.focus();
    }
  };
  const save = act("PUT", () => ({ value: control.value.trim() }), "saved. It counts at once.");
  const reset = act("DELETE", null, "reset.");
  const acts = h(
    "div",
    { class: "row" },
    h("button", { class: "button", "aria-label": `Save ${setting.name}` }, "Save"),
    changed && button("Reset", { kind: "quiet", "aria-label": `Reset ${setting.name}`, on: { click: reset } }),
  );
  const state = h(changed ? "b" : "span", {}, stateOf(setting), setting.note && ` ${setting.note}`);
  const hint = [h("code", {}, setting.name), ` · default ${spoken(setting, setting.default)} · `, state];
  show(place, h("form", { on: { submit: save }, novalidate: true, "aria-label": setting.name }, field(label, control, hint), acts, said));
}

function controlOf(setting, label) {
  if (setting.type === "bool") {
    const control = choice("value", label, YES_OR_NO);
    control.value = String(setting.value);
    return control;
  }
  return h("input", { name: "value", autocomplete: "off", inputmode: "decimal", value: String(setting.value) });
}

function spoken(setting, value) {
  if (setting.type === "bool") return YES_OR_NO[value];
  return setting.name.endsWith("_bytes") ? `${value} (${size(value)})` : String(value);
}

function stateOf(setting) {
  if (setting.source === "database") return `changed here by ${setting.changed_by}, ${when(setting.updated_at)}.`;
  return setting.source === "environment" ? "set by the environment." : "not changed.";
}
