// Fields of scenes that hold text. Each function returns a builder: content -> { node, read() }; read() returns the field of the content.

import { t } from "../../i18n.js";
import { field, h } from "../dom.js";

function named(name, build) {
  build.fieldName = name;
  return build;
}

function textarea(value, { rows, className = "", ...properties }) {
  const control = h("textarea", { rows, class: `text-field ${className}`.trim(), ...properties });
  control.value = value;
  return control;
}

export function line(name, label, { isRequired = false, hint = "" } = {}) {
  return named(name, (content) => {
    const input = h("input", { type: "text", maxlength: 500, required: isRequired, autocomplete: "off" });
    input.value = content[name] ?? "";
    return { node: field(label, input, hint), read: () => ({ [name]: input.value }) };
  });
}

export function area(name, label, { isRequired = false } = {}) {
  return named(name, (content) => {
    const input = textarea(content[name] ?? "", { rows: 3, maxlength: 1000, required: isRequired });
    return { node: field(label, input), read: () => ({ [name]: input.value }) };
  });
}

// A list with an entry in each line.
export function lines(name, label, { className = "" } = {}) {
  return named(name, (content) => {
    const input = textarea((content[name] ?? []).join("\n"), { rows: 5, required: true, className });
    return { node: field(label, input, t("One in each line.")), read: () => ({ [name]: splitLines(input.value) }) };
  });
}

export const splitLines = (text) => text.split("\n").map((each) => each.trim()).filter(Boolean);

export function code(name, label) {
  return named(name, (content) => {
    const input = textarea(content[name] ?? "", { rows: 8, maxlength: 4000, required: true, className: "mono", spellcheck: "false" });
    return { node: field(label, input), read: () => ({ [name]: input.value }) };
  });
}

export function lineNumbers(name, label) {
  return named(name, (content) => {
    const input = h("input", { type: "text", maxlength: 200, autocomplete: "off", pattern: "[\\d,\\s]*", inputmode: "numeric", placeholder: "2, 3" });
    input.value = (content[name] ?? []).join(", ");
    return { node: field(label, input), read: () => ({ [name]: (input.value.match(/\d+/g) ?? []).map(Number).filter(Boolean) }) };
  });
}

export function choice(name, label, options) {
  return named(name, (content) => {
    const select = h("select", {}, Object.entries(options).map(([value, text]) => h("option", { value }, text)));
    select.value = content[name] ?? Object.keys(options)[0];
    return { node: field(label, select), read: () => ({ [name]: select.value }) };
  });
}
