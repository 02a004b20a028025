// Several files at once: they are sent one after another, and a file that fails does not stop the others.

import { formatSize } from "../format.js";
import { t, tn } from "../i18n.js";
import { uploadRecording } from "../uploads_api.js";
import { conversionOptions } from "./conversion_options.js";
import { announce, button, field, h, icon } from "./dom.js";
import { listLanguages } from "./languages.js";

// `entries`: { file, subtitles }. `onUploaded(recording)` for each recording; `onFinished(failures)` at the end, with { file, error }.
export function uploadQueue(entries, { onUploaded, onFinished, reset }) {
  const language = h("select", {}, h("option", { value: "" }, t("Detect automatically")), listLanguages().map(({ code, name }) => h("option", { value: code }, name)));
  const options = conversionOptions();
  const rows = entries.map(queueRow);
  const list = h("ul", { class: "upload-queue", "aria-label": t("Files to upload") }, rows.map((row) => row.node));
  const submit = h("button", { type: "submit", class: "button primary" }, tn("Upload {count} recording", "Upload {count} recordings", entries.length));
  const cancel = button(t("Choose other files"), { on: { click: stop } });
  const fields = h("div", { class: "form" }, field(t("Language of the speech"), language, t("Of all these recordings.")), options.node);
  const form = h("form", { class: "form", on: { submit: start } }, list, fields, h("div", { class: "row" }, submit, cancel));
  let transfer = null;
  let isStarted = false;
  let isStopped = false;

  async function start(event) {
    event.preventDefault();
    isStarted = true;
    fields.remove();
    submit.remove();
    cancel.querySelector("span").textContent = t("Cancel the rest");
    cancel.focus();
    const failures = [];
    for (const [index, { file, subtitles }] of entries.entries()) {
      if (isStopped) break;
      rows[index].begin();
      transfer = uploadRecording({ ...options.values(), language: language.value, subtitles, file }, rows[index].progress);
      try {
        const recording = await transfer.recording;
        rows[index].end(t("Uploaded"));
        announce(t("{title}: uploaded.", { title: recording.title }));
        onUploaded(recording);
      } catch (error) {
        if (error.name === "AbortError") break;
        rows[index].end(error.message);
        failures.push({ file, error });
      }
    }
    onFinished(failures);
  }

  function stop() {
    isStopped = true;
    if (isStarted) transfer?.abort();
    else reset();
  }

  function interrupt() {
    isStopped = true;
    transfer?.interrupt();
  }

  return { node: form, isSending: () => isStarted, interrupt };
}

function queueRow({ file, subtitles }) {
  const state = h("span", { class: "size" }, formatSize(file.size));
  const bar = h("progress", { max: 100, value: 0, hidden: true, "aria-label": t("Uploading {name}", { name: file.name }) });
  const name = h("span", { class: "name", title: file.name }, file.name, subtitles && h("span", { class: "meta" }, ` ${t("with subtitles")}`));
  const node = h("li", {}, h("p", { class: "selected-file" }, icon(file.type.startsWith("audio") ? "audio" : "video"), name, state), bar);
  return {
    node,
    begin: () => (bar.hidden = false),
    progress(sentBytes, totalBytes) {
      const percent = Math.floor((100 * sentBytes) / totalBytes);
      if (sentBytes < totalBytes) bar.value = percent;
      else bar.removeAttribute("value");
      state.textContent = sentBytes < totalBytes ? `${percent} %` : t("Checking");
    },
    end(text) {
      bar.hidden = true;
      state.textContent = text;
    },
  };
}
