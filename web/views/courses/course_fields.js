// The fields of a course that the page creates or edits, and its progress.

import { t } from "../../i18n.js";
import { field, h } from "../dom.js";
import { VISIBILITY_LABELS } from "../labels.js";

export function progressBar({ watched, total }) {
  const text = t("{watched} of {total} watched", { watched, total });
  return h("div", { class: "course-progress" }, h("progress", { max: total, value: watched, "aria-label": text }), h("span", { class: "meta" }, text));
}

// Return { nodes, values() }.
export function courseFields(course = { title: "", description: "", visibility: "PRIVATE" }) {
  const title = h("input", { type: "text", required: true, maxlength: 500, autocomplete: "off" });
  const description = h("textarea", { rows: 4, maxlength: 10_000, class: "text-field" });
  const visibility = h("select", {}, Object.entries(VISIBILITY_LABELS).map(([value, label]) => h("option", { value }, label)));
  title.value = course.title;
  description.value = course.description;
  visibility.value = course.visibility;
  return {
    nodes: [field(t("Title"), title), field(t("Description"), description), field(t("Who may see the course"), visibility, t("Each recording keeps its own visibility."))],
    values: () => ({ title: title.value.trim(), description: description.value, visibility: visibility.value }),
  };
}
