// The form for new recordings: choose files or paste a link, describe the recording, and see the progress of the upload.

import { draftsOf } from "../drafts.js";
import { formatSize, formatTimeLeft } from "../format.js";
import { t } from "../i18n.js";
import { findUpload } from "../unfinished_uploads.js";
import { uploadRecording } from "../uploads_api.js";
import { advanced, conversionFields } from "./conversion_fields.js";
import { conversionOptions } from "./conversion_options.js";
import { announce, button, errorNote, field, h, icon, replaceContent } from "./dom.js";
import { keepFormDrafts } from "./draft_field.js";
import { interruptedUploads } from "./interrupted_uploads.js";
import { linkField, linkForm } from "./link_form.js";
import { filePriceNote } from "./price_note.js";
import { uploadQueue } from "./upload_queue.js";

const SUBTITLE_FILE = /\.(srt|vtt)$/i;

// `onUploaded(recording)` for a new recording, `onBatch(batch)` for a link to several.
export function uploadCard(user, { onUploaded, onBatch }) {
  const body = h("div", { class: "upload-body" });
  const node = h("section", { class: "card upload", "aria-labelledby": "upload-title" }, h("h2", { id: "upload-title" }, t("New recording")), body);
  let upload = null;
  let queue = null;
  const preventUnload = (event) => event.preventDefault();
  const preventUnloadWhileSending = (event) => queue?.isSending() && event.preventDefault();

  function showDropZone(message = null) {
    const interrupted = interruptedUploads(user.id, (file) => send({ file }));
    replaceContent(body, message ?? [], interrupted, dropZone(chooseFiles), linkField(describeLink));
  }

  function describeLink(url) {
    const leave = (report, text) => (result) => {
      announce(text);
      showDropZone();
      report(result);
    };
    const onImported = leave(onUploaded, t("The download will start soon."));
    const form = linkForm(url, { onImported, onBatch: leave(onBatch, t("The recordings of the link are being listed.")), reset });
    replaceContent(body, form);
    form.querySelector("input").focus();
  }

  function chooseFiles(files) {
    const recordings = files.filter((file) => !SUBTITLE_FILE.test(file.name));
    const subtitleFiles = files.filter((file) => SUBTITLE_FILE.test(file.name));
    if (recordings.length > 1) return showQueue(recordings, subtitleFiles);
    const [subtitles] = subtitleFiles;
    const [recording] = recordings;
    if (!recording) return showDropZone(errorNote({ message: t("Only a subtitle file was chosen."), hint: t("Choose a video or audio recording, with or without subtitles.") }));
    if (!subtitles && findUpload(user.id, recording)) return send({ file: recording }); // it goes on with what was chosen before
    const form = detailsForm(recording, subtitles, { send, reset });
    replaceContent(body, form);
    form.querySelector("input").focus();
  }

  // A subtitle file goes with the recording of the same name.
  function showQueue(recordings, subtitleFiles) {
    const entries = recordings.map((file) => ({ file, subtitles: subtitleFiles.find((each) => baseName(each).startsWith(baseName(file))) }));
    queue = uploadQueue(entries, { onUploaded, onFinished: showQueueResult, reset });
    window.addEventListener("beforeunload", preventUnloadWhileSending);
    replaceContent(body, queue.node);
    queue.node.querySelector("select").focus();
  }

  function showQueueResult(failures) {
    window.removeEventListener("beforeunload", preventUnloadWhileSending);
    queue = null;
    showDropZone(failures.map(({ file, error }) => errorNote({ message: `${file.name}: ${error.message}`, hint: error.hint })));
  }

  function reset() {
    queue = null;
    showDropZone();
    body.querySelector("input").focus();
  }

  // `form`: what is shown again if the upload fails; without it, the beginning.
  async function send(fields, form = null) {
    const progress = uploadProgress(fields.file, () => upload.abort());
    replaceContent(body, progress.node);
    progress.node.focus();
    window.addEventListener("beforeunload", preventUnload);
    upload = uploadRecording(fields, progress.update);
    try {
      const recording = await upload.recording;
      draftsOf(draftScope(fields.file)).clear();
      announce(t("{title}: uploaded. The conversion will start soon.", { title: recording.title }));
      showDropZone();
      onUploaded(recording);
    } catch (error) {
      const isAborted = error.name === "AbortError";
      if (isAborted) announce(t("Upload cancelled."));
      if (!form) return showDropZone(isAborted ? null : errorNote(error));
      replaceContent(body, isAborted ? null : errorNote(error), form);
      form.querySelector("[type=submit]").focus();
    } finally {
      window.removeEventListener("beforeunload", preventUnload);
      upload = null;
    }
  }

  showDropZone();
  return {
    node,
    destroy() {
      upload?.interrupt();
      if (queue?.isSending()) queue.interrupt();
      window.removeEventListener("beforeunload", preventUnloadWhileSending);
    },
  };
}

const draftScope = (file) => `upload.${file.name}.${file.size}`;
const baseName = (file) => file.name.replace(/\.[^.]+$/, "");

function dropZone(onFiles) {
  const input = h("input", { type: "file", class: "visually-hidden", accept: "video/*,audio/*,.mkv,.srt,.vtt", multiple: true, "aria-describedby": "drop-hint" });
  input.addEventListener("change", () => input.files.length && onFiles([...input.files]));
  const zone = h(
    "label",
    { class: "drop-zone" },
    input,
    h("span", { class: "drop-icon" }, icon("upload")),
    h("span", { class: "drop-title" }, t("Choose recordings")),
    h("span", { class: "drop-hint", id: "drop-hint" }, t("or drop them here. Video or audio, with subtitle files if you have them.")),
  );
  let depth = 0; // of nested elements under the pointer: each fires its own dragenter and dragleave
  const trackDrag = (step) => (event) => {
    event.preventDefault();
    depth = Math.max(0, depth + step);
    zone.classList.toggle("dragging", depth > 0);
  };
  zone.addEventListener("dragenter", trackDrag(1));
  zone.addEventListener("dragover", trackDrag(0));
  zone.addEventListener("dragleave", trackDrag(-1));
  zone.addEventListener("drop", (event) => {
    trackDrag(-depth)(event);
    if (event.dataTransfer.files.length) onFiles([...event.dataTransfer.files]);
  });
  return zone;
}

function detailsForm(recording, subtitleFile, { send, reset }) {
  const fields = conversionFields(recording.name.replace(/\.[^.]+$/, ""));
  const subtitles = h("input", { type: "file", accept: ".srt,.vtt" });
  if (subtitleFile) {
    const transfer = new DataTransfer();
    transfer.items.add(subtitleFile);
    subtitles.files = transfer.files;
  }
  const options = conversionOptions();
  const audioTrack = trackInput();
  const videoTrack = trackInput();
  const trackFields = advanced(
    t("Several tracks?"),
    field(t("Audio track"), audioTrack, t("Number of the track with the speech, from 1. By default the first one that has sound.")),
    field(t("Video track"), videoTrack, t("Number of the track with the slides, from 1. By default the main one.")),
  );
  const form = h(
    "form",
    { class: "form" },
    selectedFile(recording, recording.type.startsWith("audio") ? "audio" : "video"),
    fields.title,
    fields.language,
    field(t("Subtitles (optional)"), subtitles, t("SRT or WebVTT. Their text is used instead of speech recognition.")),
    fields.part,
    options.node,
    trackFields,
    filePriceNote(recording),
    h("div", { class: "row" }, h("button", { type: "submit", class: "button primary" }, t("Upload")), button(t("Choose another file"), { on: { click: reset } })),
  );
  const drafts = keepFormDrafts(form, draftScope(recording));
  form.lastChild.before(drafts.note);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const tracks = { audio_track: audioTrack.value, video_track: videoTrack.value };
    send({ ...fields.values(), ...options.values(), ...tracks, subtitles: subtitles.files[0], file: recording }, form);
  });
  return form;
}

function trackInput() {
  return h("input", { type: "number", min: 1, max: 99, inputmode: "numeric", placeholder: t("Automatic") });
}

function selectedFile(file, iconName) {
  return h("p", { class: "selected-file" }, icon(iconName), h("span", { class: "name" }, file.name), h("span", { class: "size" }, formatSize(file.size)));
}

function uploadProgress(file, cancel) {
  const bar = h("progress", { max: 100, value: 0, "aria-label": t("Uploading {name}", { name: file.name }) });
  const percentText = h("span", { class: "strong" }, "0 %");
  const speedText = h("span", {}, t("Starting"));
  const startedAt = performance.now();
  let announcedPercent = 0;
  let continuedBytes = null; // what had arrived before, of an upload that goes on
  const node = h(
    "div",
    { class: "upload-progress", tabindex: -1 },
    selectedFile(file, "upload"),
    bar,
    h("p", { class: "progress-line" }, percentText, speedText),
    h("div", { class: "row" }, button(t("Cancel upload"), { iconName: "close", on: { click: cancel } })),
  );

  function update(sentBytes, totalBytes) {
    const percent = Math.floor((100 * sentBytes) / totalBytes);
    const elapsedS = (performance.now() - startedAt) / 1000;
    continuedBytes ??= sentBytes;
    bar.value = percent;
    percentText.textContent = `${percent} %`;
    if (sentBytes >= totalBytes) {
      bar.removeAttribute("value");
      speedText.textContent = t("Checking the recording");
      announce(t("The upload is complete. The recording is being checked."));
    } else if (elapsedS > 0.5) {
      const bytesPerS = (sentBytes - continuedBytes) / elapsedS;
      if (bytesPerS > 0) speedText.textContent = `${formatSize(bytesPerS)}/s, ${formatTimeLeft((totalBytes - sentBytes) / bytesPerS)}`;
    }
    if (percent >= announcedPercent + 25 && percent < 100) {
      announcedPercent = percent - (percent % 25);
      announce(t("{announcedPercent} percent uploaded", { announcedPercent }));
    }
  }
  return { node, update };
}
