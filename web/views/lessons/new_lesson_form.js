// The form that asks for scripts of a topic, notes, a file or a recording.

import { listRecordings } from "../../api.js";
import { t } from "../../i18n.js";
import * as api from "../../lessons_api.js";
import { errorNote, field, h, replaceContent } from "../dom.js";
import { actionForm } from "../forms.js";
import { listLanguages } from "../languages.js";
import { tabs } from "../tabs.js";

const MAX_TEXT_CHARS = 400_000;
const MAX_RECORDINGS = 100;

// `onRequested(request)`: gets the new request with its scripts.
export function newLessonForm({ onRequested }) {
  const topic = h("textarea", { rows: 3, maxlength: 2000, class: "text-field" });
  const notes = h("textarea", { rows: 9, maxlength: MAX_TEXT_CHARS, class: "text-field" });
  const file = h("input", { type: "file", accept: ".txt,.md,.docx,.pptx,.pdf" });
  const recording = h("select", {}, h("option", { value: "" }, t("Choose a recording")));
  const modelNote = h("div", { class: "messages" });
  const topicPanel = h("div", { class: "form" }, modelNote, field(t("Topic"), topic, t("What the lesson is about and whom it is for.")));
  const panels = {
    notes: { label: t("Notes"), node: h("div", {}, field(t("Notes"), notes, t("Markdown or plain text. Headings become chapters, lists points, tables charts."))) },
    topic: { label: t("Topic"), node: topicPanel },
    file: { label: t("File"), node: h("div", {}, field(t("Document or deck"), file, t("TXT, Markdown or DOCX; PPTX or PDF slides with their notes."))) },
    recording: { label: t("Recording"), node: h("div", {}, field(t("Recording"), recording, t("Its transcript becomes the source."))), show: loadRecordings },
  };
  const kinds = tabs(t("Source"), panels);
  const title = h("input", { type: "text", name: "title", maxlength: 500, autocomplete: "off" });
  const language = h("select", { name: "language" }, h("option", { value: "" }, t("Language of the source")), listLanguages().map(({ code, name }) => h("option", { value: code }, name)));
  const writer = h("select", { name: "writer" }, h("option", { value: "auto" }, t("Automatic")), h("option", { value: "model" }, t("Language model")), h("option", { value: "draft" }, t("Draft of the notes, without a model")));
  const count = h("select", { name: "count" }, [3, 2, 1].map((number) => h("option", { value: number }, String(number))));
  const options = h(
    "details",
    { class: "advanced" },
    h("summary", {}, t("More options")),
    h("div", { class: "form" }, field(t("Title (optional)"), title), h("div", { class: "field-pair" }, field(t("Language"), language), field(t("Number of scripts"), count)), field(t("Written by"), writer)),
  );
  const form = actionForm({
    label: t("New lesson"),
    fields: [kinds.node, ...Object.values(panels).map((panel) => panel.node), options],
    submitLabel: t("Write the scripts"),
    draft: "new-lesson",
    variant: "primary",
    submit,
  });
  let areRecordingsLoaded = false;

  async function loadRecordings() {
    if (areRecordingsLoaded) return;
    areRecordingsLoaded = true;
    const { recordings } = await listRecordings(1, MAX_RECORDINGS, { state: "succeeded" }).catch(() => ({ recordings: [] }));
    recording.append(...recordings.map((each) => h("option", { value: each.id }, each.title)));
  }

  async function submit(values) {
    const common = { ...values, count: Number(values.count) };
    const request = await SENDERS[kinds.selected()](common);
    for (const control of [topic, notes, file, title]) control.value = "";
    await onRequested(request);
    return "";
  }

  const SENDERS = {
    topic: (common) => api.createScripts({ ...common, topic: required(topic.value, t("Write a topic first.")) }),
    notes: (common) => api.createScripts({ ...common, text: required(notes.value, t("Write or paste notes first.")) }),
    recording: (common) => api.createScripts({ ...common, recording_id: required(recording.value, t("Choose a recording first.")) }),
    file(common) {
      const data = new FormData();
      data.append("file", required(file.files[0], t("Choose a file first.")));
      for (const [name, value] of Object.entries(common)) if (value) data.append(name, value);
      return api.createScriptsOfFile(data);
    },
  };

  // Say what needs a language model, if there is none.
  async function showWriters() {
    const { model } = await api.getWriters().catch(() => ({ model: true }));
    if (model) return;
    writer.querySelector('[value="model"]').disabled = true;
    const message = t("A topic alone needs a language model, and this server has none.");
    const hint = t("Write notes, or choose a file or a recording: drafts from them need no model. The operator can set LANGUAGE_MODEL_BASE_URL and LANGUAGE_MODEL, or the key of a provider.");
    replaceContent(modelNote, errorNote({ message, hint }));
    topic.disabled = true;
  }

  showWriters();
  return { node: h("section", { class: "card new-lesson", "aria-labelledby": "new-lesson-title" }, h("h2", { id: "new-lesson-title" }, t("New lesson")), form) };
}

function required(value, message) {
  if (!value || (typeof value === "string" && !value.trim())) throw Object.assign(new Error(message), { hint: "" });
  return value;
}
