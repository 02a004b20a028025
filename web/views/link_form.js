// Recordings from links: the field for a link, and the form that describes what to import.

import * as api from "../api.js";
import { t } from "../i18n.js";
import { advanced, conversionFields } from "./conversion_fields.js";
import { button, errorNote, field, h, icon, replaceContent } from "./dom.js";
import { keepFormDrafts } from "./draft_field.js";

// A form with one field; calls `onLink(url)`.
export function linkField(onLink) {
  const input = h("input", { type: "url", required: true, maxlength: 2000, autocomplete: "off", placeholder: "https://", pattern: "https?://.+", title: t("A link that begins with https:// or http://") });
  const label = field(t("or paste a link"), input, t("A video page, a media file, a playlist, a podcast feed, or a share of Google Drive or Nextcloud."));
  label.classList.add("link-field");
  const form = h("form", { class: "link-entry" }, label, h("button", { type: "submit", class: "button" }, t("Continue")));
  const drafts = keepFormDrafts(form, "link");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    drafts.clear(); // the form that follows keeps it
    onLink(input.value.trim());
  });
  return form;
}

// `onImported(recording)` for one recording, `onBatch(batch)` for several; `reset()` leaves the form.
export function linkForm(url, { onImported, onBatch, reset }) {
  const fields = conversionFields(t("That of the page"));
  const isBatch = h("input", { type: "checkbox" });
  const isAudioOnly = h("input", { type: "checkbox" });
  const password = h("input", { type: "password", maxlength: 200, autocomplete: "off" });
  const messages = h("div", { class: "messages" });
  const submit = h("button", { type: "submit", class: "button primary" }, t("Import"));
  const form = h(
    "form",
    { class: "form" },
    h("p", { class: "selected-file" }, icon("link"), h("span", { class: "name", title: url }, url)),
    messages,
    checkbox(t("Import all recordings of this link"), isBatch, t("For playlists, podcast feeds, folders and channels.")),
    fields.title,
    fields.language,
    fields.part,
    advanced(
      t("More options"),
      field(t("Password of the share"), password, t("For a share of Nextcloud that has one.")),
      checkbox(t("Audio only"), isAudioOnly, t("Downloads less; the documents have no slides.")),
    ),
    h("div", { class: "row" }, submit, button(t("Cancel"), { on: { click: reset } })),
  );

  const drafts = keepFormDrafts(form, `link.${url}`);
  messages.before(drafts.note);
  isBatch.addEventListener("change", () => (fields.part.hidden = isBatch.checked));

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const { start_time, end_time, ...values } = fields.values();
    const part = isBatch.checked ? {} : { start_time, end_time };
    const body = { url, ...values, ...part, password: password.value, audio_only: isAudioOnly.checked || undefined };
    submit.disabled = true;
    replaceContent(messages);
    try {
      const send = isBatch.checked ? api.importBatch : api.importLink;
      const result = await send(body);
      drafts.clear();
      (isBatch.checked ? onBatch : onImported)(result);
    } catch (error) {
      replaceContent(messages, errorNote(error));
      submit.disabled = false;
      submit.focus();
    }
  });
  return form;
}

function checkbox(label, input, hint) {
  return h("label", { class: "checkbox" }, input, h("span", {}, label, h("span", { class: "hint" }, hint)));
}
