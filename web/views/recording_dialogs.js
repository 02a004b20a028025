// Dialogs about one recording: its details, and another conversion.

import * as api from "../api.js";
import { t } from "../i18n.js";
import { conversionOptions } from "./conversion_options.js";
import { formDialog } from "./dialogs.js";
import { announce, field, h } from "./dom.js";
import { VISIBILITY_LABELS } from "./labels.js";
import { listLanguages } from "./languages.js";
import { priceNote } from "./price_note.js";

const MAX_TAGS = 30;

export function editDialog(recording, onChanged) {
  const title = h("input", { type: "text", name: "title", required: true, maxlength: 500, autocomplete: "off" });
  const description = h("textarea", { name: "description", rows: 4, maxlength: 10_000, class: "text-field" });
  const tags = h("input", { type: "text", name: "tags", maxlength: 1000, autocomplete: "off" });
  const visibility = h("select", { name: "visibility" }, Object.entries(VISIBILITY_LABELS).map(([value, label]) => h("option", { value }, label)));
  title.value = recording.title;
  description.value = recording.description;
  tags.value = recording.tags.join(", ");
  visibility.value = recording.visibility;
  formDialog(t("Edit details"), {
    fields: [
      field(t("Title"), title, t("With a new title the documents are written again.")),
      field(t("Description"), description),
      field(t("Tags"), tags, t("Separated by commas.")),
      field(t("Who may watch it"), visibility),
    ],
    submitLabel: t("Save"),
    draft: `recording.${recording.id}`,
    async submit(values) {
      const current = { title: recording.title, description: recording.description, visibility: recording.visibility, tags: recording.tags };
      const newValues = { ...values, tags: values.tags.split(",").map((tag) => tag.trim()).filter(Boolean).slice(0, MAX_TAGS) };
      const changes = Object.fromEntries(Object.entries(newValues).filter(([name, value]) => String(value) !== String(current[name])));
      if (!Object.keys(changes).length) return;
      onChanged(await api.editRecording(recording.id, changes));
      announce(t("Saved."));
    },
  });
}

export function convertAgainDialog(recording, onChanged) {
  const before = recording.job?.pipeline === "lecture_notes" ? recording.job.options : {};
  const language = h("select", {}, h("option", { value: "" }, t("Detect automatically")), listLanguages().map(({ code, name }) => h("option", { value: code }, name)));
  language.value = before.language ?? "";
  const options = conversionOptions(before);
  options.node.open = true;
  formDialog(t("Make again"), {
    fields: [h("p", {}, t("The documents are made again with these options. Steps whose options stay the same are not repeated.")), field(t("Language of the speech"), language), options.node, priceNote({ kind: "lecture_notes", recording_id: recording.id })],
    submitLabel: t("Start"),
    async submit() {
      const oldOptions = Object.fromEntries(Object.entries(before).filter(([name]) => KEPT_OPTIONS.includes(name)));
      await api.convertAgain(recording.id, { ...oldOptions, ...options.values(), language: language.value });
      onChanged(await api.getRecording(recording.id));
    },
  });
}

// Options that this dialog does not show.
const KEPT_OPTIONS = ["audio_track", "video_track", "start_time", "end_time", "ignore", "translate", "tracked_changes", "review_first"];
