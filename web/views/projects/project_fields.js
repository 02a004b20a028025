// The fields of a project, its labels and its address.

import { basePath } from "../../base_path.js";
import { t } from "../../i18n.js";
import { field, h } from "../dom.js";
import { lookFields } from "./look_fields.js";

export const projectUrl = (id) => `${basePath}/projects/${encodeURIComponent(id)}`;
export const STATUS_LABELS = { draft: t("Draft"), processing: t("The video is being made"), completed: t("The video is ready"), failed: t("Failed") };
export const ROLE_LABELS = { owner: t("Owner"), editor: t("Editor"), viewer: t("Viewer") };

// What a person with this role may do.
export const ROLE_RIGHTS = { editor: t("You may change its script and make its video."), viewer: t("You may watch what is in it.") };

export function statusTag(project) {
  return h("span", { class: `tag project-${project.status}` }, STATUS_LABELS[project.status]);
}

// Return { nodes, values() }. `values` has the script only if it was changed.
export function projectFields(project = { name: "", description: "", script: "", defaults: {} }) {
  const name = h("input", { type: "text", required: true, maxlength: 500, autocomplete: "off" });
  const description = h("textarea", { rows: 2, maxlength: 10_000, class: "text-field" });
  const script = h("textarea", { rows: 10, maxlength: 400_000, class: "text-field" });
  const look = lookFields(project);
  name.value = project.name;
  description.value = project.description;
  script.value = project.script;
  return {
    nodes: [
      field(t("Title"), name),
      field(t("Description"), description),
      field(t("Script"), script, t("What the voice says, word for word. An empty line begins a new scene.")),
      look.node,
    ],
    values: () => ({ name: name.value.trim(), description: description.value, defaults: look.values(), ...(script.value.trim() === project.script.trim() ? {} : { script: script.value }) }),
  };
}
