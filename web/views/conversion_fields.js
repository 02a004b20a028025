// The fields that uploads and links share: title, language, and the part of the recording to convert.

import { t } from "../i18n.js";
import { field, h } from "./dom.js";
import { listLanguages } from "./languages.js";

// Return { title, language, part: elements, values() }. `placeholder` is the title that the recording gets without another one.
export function conversionFields(placeholder) {
  const title = h("input", { type: "text", maxlength: 500, autocomplete: "off", placeholder });
  const language = h("select", {}, h("option", { value: "" }, t("Detect automatically")), listLanguages().map(({ code, name }) => h("option", { value: code }, name)));
  const start = timeInput(t("The beginning"));
  const end = timeInput(t("The end"));
  return {
    title: field(t("Title (optional)"), title),
    language: field(t("Language of the speech"), language),
    part: advanced(t("Only a part?"), field(t("Start"), start, t("Such as 1:30 or 0:01:30. What is before is left out.")), field(t("End"), end, t("What is after is left out."))),
    values: () => ({ title: title.value.trim(), language: language.value, start_time: start.value.trim(), end_time: end.value.trim() }),
  };
}

// Return fields that are hidden until their summary is opened.
export function advanced(summary, ...fields) {
  return h("details", { class: "advanced" }, h("summary", {}, summary), fields);
}

function timeInput(placeholder) {
  return h("input", { type: "text", maxlength: 20, autocomplete: "off", placeholder, pattern: "\\d+(:[0-5]?\\d){0,2}(\\.\\d+)?", title: t("Hours, minutes and seconds, such as 1:02:03") });
}
