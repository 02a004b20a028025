// How the videos of a project look and sound by default.

import { listVoices, getScript } from "../../lessons_api.js";
import { t } from "../../i18n.js";
import { field, h } from "../dom.js";
import { ASPECT_LABELS, HEIGHT_LABELS, THEME_LABELS } from "../lessons/look_labels.js";

// Return { node, values() }: the defaults of the project with the choices that were made.
export function lookFields({ defaults, script_id: scriptId }) {
  const choose = (name, labels) => h("select", {}, Object.entries({ "": t("Automatic"), ...labels }).map(([value, label]) => h("option", { value, selected: value === String(defaults[name] ?? "") }, label)));
  const selects = { theme: choose("theme", THEME_LABELS), aspect: choose("aspect", ASPECT_LABELS), height: choose("height", HEIGHT_LABELS), voice: choose("voice", defaults.voice ? { [defaults.voice]: defaults.voice } : {}) };
  const silent = h("input", { type: "checkbox", checked: Boolean(defaults.silent) });
  if (scriptId) addVoices().catch(() => {}); // the chosen voice stays

  async function addVoices() {
    const { script } = await getScript(scriptId);
    const voices = await listVoices(script.language);
    selects.voice.append(...voices.filter(({ name }) => name !== defaults.voice).map(({ name, engine }) => h("option", { value: name }, `${name} (${engine})`)));
  }

  const node = h(
    "details",
    { class: "advanced" },
    h("summary", {}, t("Look and voice")),
    h("div", { class: "form" },
      h("div", { class: "field-pair" }, field(t("Theme"), selects.theme), field(t("Format"), selects.aspect)),
      h("div", { class: "field-pair" }, field(t("Lines of the picture"), selects.height), field(t("Voice"), selects.voice)),
      h("label", { class: "checkbox" }, silent, h("span", {}, t("Without a voice")))),
  );

  function values() {
    const rest = Object.fromEntries(Object.entries(defaults).filter(([name]) => name !== "silent" && !(name in selects)));
    const choices = Object.entries(selects).filter(([, select]) => select.value).map(([name, select]) => [name, name === "height" ? Number(select.value) : select.value]);
    return { ...rest, ...Object.fromEntries(choices), ...(silent.checked ? { silent: true } : {}) };
  }

  return { node, values };
}
