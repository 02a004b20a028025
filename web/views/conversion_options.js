// The options of a conversion that most people leave alone: documents, slides, and proofreading.

import { formatNames, formatLabel } from "../formats.js";
import { t } from "../i18n.js";
import { field, h } from "./dom.js";

const DEFAULTS = { layout: "page", paper: "a4", builds: "final", revisits: "once", sensitivity: "normal", qr_codes: "false", proofread: "off" };
const REGION = "\\d+,\\d+,\\d+,\\d+";

// `chosen`: the options of the conversion before, {} for the defaults. Return { node, values() }; values() has only what differs from
// the defaults, unless there were options before.
export function conversionOptions(chosen = {}) {
  const isRepeated = Object.keys(chosen).length > 0;
  const choices = {
    layout: { label: t("Layout of the PDF"), options: { page: t("A page for each slide"), compact: t("As many slides on a page as fit"), handout: t("Three slides on a page"), text: t("Text only") } },
    paper: { label: t("Paper"), options: { a4: "A4", letter: "Letter" } },
    qr_codes: { label: t("QR codes in the PDF"), options: { false: t("None"), true: t("One for each slide") } },
    builds: { label: t("Slides that build up"), options: { final: t("The final state only"), all: t("Every step") } },
    revisits: { label: t("Slides that are shown again"), options: { once: t("One page in all"), each: t("A page each time") } },
    sensitivity: { label: t("Small changes of a slide"), options: { low: t("Ignore"), normal: t("Normal"), high: t("Begin a new slide") } },
    proofread: { label: t("Proofreading"), options: { off: t("None"), rules: t("By rules"), model: t("By the language model of the server") } },
  };
  const selects = Object.entries(choices).map(([name, { label, options }]) => {
    const control = h("select", { name }, Object.entries(options).map(([value, text]) => h("option", { value }, text)));
    control.value = chosen[name] ?? DEFAULTS[name];
    return { name, control, node: field(label, control) };
  });
  const region = h("input", { type: "text", maxlength: 60, pattern: REGION, placeholder: t("Detected"), autocomplete: "off" });
  region.value = chosen.region ?? "";
  const isChosen = (name) => !chosen.formats || chosen.formats.includes(name);
  const formats = formatNames().map((name) => {
    const control = h("input", { type: "checkbox", checked: isChosen(name) });
    return { name, control, node: h("label", { class: "checkbox" }, control, h("span", {}, formatLabel(name))) };
  });
  const node = h(
    "details",
    { class: "advanced" },
    h("summary", {}, t("More options")),
    h("fieldset", { class: "choices columns" }, h("legend", {}, t("Documents")), formats.map((each) => each.node)),
    h("div", { class: "field-pair" }, selects.map((each) => each.node)),
    field(t("Area of the slides"), region, t("In pixels of the video: x,y,width,height.")),
  );
  return {
    node,
    values() {
      const values = {};
      for (const { name, control } of selects) if (isRepeated || control.value !== DEFAULTS[name]) values[name] = control.value;
      if (isRepeated || region.value) values.region = region.value.trim();
      const chosenFormats = formats.filter(({ control }) => control.checked).map(({ name }) => name);
      if (chosenFormats.length && chosenFormats.length < formats.length) values.formats = chosenFormats.join(",");
      return values;
    },
  };
}
