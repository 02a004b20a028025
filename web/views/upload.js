// A recording comes in: drop zone, file picker, a few optional words about it, and the way it goes over the wire.

import * as api from "../api.js";
import { announce, button, field, h, icon, problem, show } from "./dom.js";
import { languages } from "./languages.js";
import { bytes, timeLeft } from "./words.js";

const SUBTITLES = /\.(srt|vtt)$/i;

export function uploadCard(onUploaded) {
  const body = h("div", { class: "upload-body" });
  const node = h("section", { class: "card upload", "aria-labelledby": "upload-title" }, h("h2", { id: "upload-title" }, "New recording"), body);
  let sending = null;
  const warn = (event) => event.preventDefault();

  function rest(said = null) {
    show(body, said, dropZone(choose));
  }

  function choose(files) {
    const subtitles = files.find((file) => SUBTITLES.test(file.name));
    const recording = files.find((file) => file !== subtitles);
    if (!recording) return rest(problem({ message: "These are subtitles only.", hint: "Choose a video or audio recording, with or without them." }));
    const form = details(recording, subtitles, send, () => {
      rest();
      body.querySelector("input").focus();
    });
    show(body, form);
    form.querySelector("input").focus();
  }

  async function send(fields, form) {
    const way = progress(fields.file, () => sending.abort());
    show(body, way.node);
    way.node.focus();
    window.addEventListener("beforeunload", warn);
    sending = api.upload(fields, way.moved);
    try {
      const recording = await sending.done;
      announce(`${recording.title}: uploaded. Its documents are being made.`);
      rest();
      onUploaded(recording);
    } catch (error) {
      if (error.name === "AbortError") announce("Upload cancelled.");
      show(body, error.name === "AbortError" ? null : problem(error), form);
      form.querySelector("[type=submit]").focus();
    } finally {
      window.removeEventListener("beforeunload", warn);
      sending = null;
    }
  }

  rest();
  return { node, destroy: () => sending?.abort() };
}

function dropZone(choose) {
  const picker = h("input", { type: "file", class: "unseen", accept: "video/*,audio/*,.mkv,.srt,.vtt", multiple: true, "aria-describedby": "drop-hint" });
  picker.addEventListener("change", () => picker.files.length && choose([...picker.files]));
  const zone = h(
    "label",
    { class: "drop" },
    picker,
    h("span", { class: "drop-icon" }, icon("upload")),
    h("span", { class: "drop-title" }, "Choose a recording"),
    h("span", { class: "drop-hint", id: "drop-hint" }, "or drop it here. Video or audio; subtitles may come along."),
  );
  let inside = 0; // entering a child leaves its parent: count
  const over = (step) => (event) => {
    event.preventDefault();
    inside = Math.max(0, inside + step);
    zone.classList.toggle("over", inside > 0);
  };
  zone.addEventListener("dragenter", over(1));
  zone.addEventListener("dragover", over(0));
  zone.addEventListener("dragleave", over(-1));
  zone.addEventListener("drop", (event) => {
    over(-inside)(event);
    if (event.dataTransfer.files.length) choose([...event.dataTransfer.files]);
  });
  return zone;
}

function details(recording, dropped, send, clear) {
  const title = h("input", { type: "text", maxlength: 500, autocomplete: "off", placeholder: recording.name.replace(/\.[^.]+$/, "") });
  const automatic = h("option", { value: "" }, "Find out by listening");
  const language = h("select", {}, automatic, languages().map(({ code, name }) => h("option", { value: code }, name)));
  const subtitles = h("input", { type: "file", accept: ".srt,.vtt" });
  if (dropped) {
    const transfer = new DataTransfer();
    transfer.items.add(dropped);
    subtitles.files = transfer.files;
  }
  const form = h(
    "form",
    { class: "form" },
    h("p", { class: "chosen" }, icon(recording.type.startsWith("audio") ? "audio" : "video"), h("span", { class: "name" }, recording.name), h("span", { class: "size" }, bytes(recording.size))),
    field("Title (optional)", title),
    field("Language of the speech", language),
    field("Subtitles (optional)", subtitles, "SRT or WebVTT; they are used instead of listening."),
    h("div", { class: "row" }, h("button", { type: "submit", class: "button primary" }, "Upload"), button("Choose another", { on: { click: clear } })),
  );
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send({ title: title.value.trim(), language: language.value, subtitles: subtitles.files[0], file: recording }, form);
  });
  return form;
}

function progress(file, cancel) {
  const bar = h("progress", { max: 100, value: 0, "aria-label": `Uploading ${file.name}` });
  const [share, speed] = [h("span", { class: "strong" }, "0 %"), h("span", {}, "starting")];
  const started = performance.now();
  let told = 0;
  const node = h(
    "div",
    { class: "sending", tabindex: -1 },
    h("p", { class: "chosen" }, icon("upload"), h("span", { class: "name" }, file.name), h("span", { class: "size" }, bytes(file.size))),
    bar,
    h("p", { class: "progress-line" }, share, speed),
    h("div", { class: "row" }, button("Cancel upload", { symbol: "cross", on: { click: cancel } })),
  );

  function moved(sent, total) {
    const percent = Math.floor((100 * sent) / total);
    const seconds = (performance.now() - started) / 1000;
    bar.value = percent;
    share.textContent = `${percent} %`;
    if (sent >= total) {
      bar.removeAttribute("value");
      speed.textContent = "checking the recording";
      announce("Everything is sent. The recording is being checked.");
    } else if (seconds > 0.5) {
      speed.textContent = `${bytes(sent / seconds)}/s, ${timeLeft(((total - sent) * seconds) / sent)}`;
    }
    if (percent >= told + 25 && percent < 100) {
      told = percent - (percent % 25);
      announce(`${told} percent uploaded`);
    }
  }
  return { node, moved };
}
