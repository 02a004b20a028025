// How a lesson looks and sounds, and the jobs that make its videos.

import { cancelJob, retryJob, watchUrl } from "../../api.js";
import { formatDate, formatTimeLeft } from "../../format.js";
import { t } from "../../i18n.js";
import { applyEvent, isActive, isFinalEvent } from "../../job_state.js";
import * as api from "../../lessons_api.js";
import { quote, quoteText } from "../../price.js";
import { serverText } from "../../server_text.js";
import { askFor } from "../dialogs.js";
import { button, errorNote, field, h, icon, replaceContent } from "../dom.js";
import { actionForm } from "../forms.js";
import { stageLabel, STATE_LABELS } from "../labels.js";
import { lessonLogo } from "./lesson_logo.js";
import { ASPECT_LABELS, HEIGHT_LABELS, THEME_LABELS } from "./look_labels.js";

// `save()`: saves the scene that is being edited; returns a promise of whether it succeeded.
export function renderPanel(model, { save }) {
  const select = (name, options) => h("select", { name }, Object.entries(options).map(([value, label]) => h("option", { value }, label)));
  const theme = select("theme", THEME_LABELS);
  const aspect = select("aspect", ASPECT_LABELS);
  const height = select("height", HEIGHT_LABELS);
  const voice = select("voice", { "": t("Automatic") });
  const speed = select("speed", { 0.8: t("Slow"), 0.9: t("A little slower"), 1: t("Natural"), 1.1: t("A little faster") });
  const transitions = select("transitions", { fade: t("Fade"), slide: t("Slide in"), none: t("None") });
  const captions = checkbox("burn_captions", t("Captions in the picture"));
  const deck = h("a", { class: "button quiet", download: "" }, icon("download"), h("span", {}, t("As PowerPoint")));
  const bar = checkbox("progress_bar", t("Progress bar"), true);
  const chapterTitles = checkbox("chapter_titles", t("Titles of chapters"), true);
  const silent = checkbox("silent", t("Without a voice"));
  const logo = lessonLogo(showLook);
  const lookListeners = [];
  height.value = "1080";
  speed.value = "1";
  const jobs = h("ul", { class: "render-jobs", "aria-label": t("Videos of this lesson"), tabindex: -1 });
  const estimate = h("p", { class: "hint" });
  const form = actionForm({
    label: t("Video"),
    fields: [
      h("div", { class: "field-pair" }, field(t("Theme"), theme), field(t("Format"), aspect)),
      field(t("Voice"), voice),
      h("details", { class: "advanced" }, h("summary", {}, t("More options")), h("div", { class: "form" }, h("div", { class: "field-pair" }, field(t("Pace"), speed), field(t("Lines of the picture"), height), field(t("Transitions"), transitions)), logo.node, captions.node, bar.node, chapterTitles.node, silent.node)),
      estimate,
    ],
    submitLabel: t("Make the video"),
    variant: "primary",
    submit: confirmAndRender,
  });
  const node = h("section", { class: "card render-panel", "aria-labelledby": "video-title" }, h("h2", { id: "video-title" }, t("Video")), form, h("div", { class: "row" }, deck), jobs);
  let renders = [];
  let bounds = {};
  let shownVersion = 0;
  let isVoiceLoaded = false;

  function showLook() {
    deck.href = api.deckUrl(model.id, theme.value);
    for (const listener of lookListeners) listener();
  }

  for (const control of [theme, aspect]) control.addEventListener("change", showLook);
  showLook();

  const videoOptions = () => ({
    theme: theme.value,
    aspect: aspect.value,
    height: Number(height.value),
    voice: voice.value,
    speed: Number(speed.value),
    transitions: transitions.value,
    burn_captions: captions.input.checked,
    progress_bar: bar.input.checked,
    chapter_titles: chapterTitles.input.checked,
    silent: silent.input.checked,
    logo_image_id: logo.fileId(),
  });

  async function confirmAndRender() {
    if (!(await save())) return "";
    const price = await quote({ kind: "lesson", script_id: model.id, options: videoOptions() }).then(quoteText, () => "");
    const text = [t("Version {number} becomes the video. Later edits don't change it.", { number: model.version }), price].filter(Boolean).join(" ");
    if (!(await askFor(t("Make the video of this script?"), t("Make the video"), { text }))) return "";
    await api.renderScript(model.id, { ...videoOptions(), version: model.version });
    await loadRenders();
    jobs.focus({ preventScroll: true });
    jobs.scrollIntoView({ block: "nearest" });
    return "";
  }

  async function loadRenders() {
    const response = await api.listRenders(model.id);
    renders = response.renders;
    bounds = response.stages;
    showJobs();
  }

  async function loadVoices() {
    isVoiceLoaded = true;
    const voices = await api.listVoices(model.script.language).catch(() => []);
    voice.append(...voices.map(({ name, engine }) => h("option", { value: name }, `${name} (${engine})`)));
    if (!voices.length) replaceContent(estimate, t("No voice of this server speaks the language of this lesson. It can be made without a voice."));
  }

  async function showEstimate() {
    const forecast = await api.estimateLesson(model.id, speed.value).catch(() => null);
    if (!forecast) return;
    const values = { time: formatTimeLeft(forecast.render_s, { isDuration: true }) };
    estimate.textContent = forecast.is_measured ? t("Making the video takes {time}.", values) : t("Making the video typically takes {time}; this server has not made any yet.", values);
  }

  function showJobs() {
    replaceContent(jobs, renders.map(({ version, job }) => h("li", {}, jobRow(version, job))));
  }

  function jobRow(version, job) {
    const name = h("p", { class: "strong" }, t("Version {number}", { number: version }), " ", h("span", { class: "meta" }, formatDate(job.created_at)));
    if (isActive(job)) {
      const progress = h("progress", { max: 100, value: job.state === "running" ? job.progress : false, "aria-label": t("Progress of version {number}", { number: version }) });
      const cancel = button(t("Cancel"), { iconName: "close", variant: "quiet", on: { click: () => act(() => cancelJob(job.id)) } });
      return h("div", { class: "stack" }, name, progress, h("p", { class: "progress-line" }, h("span", { class: "stage" }, progressText(job)), h("span", {}, formatTimeLeft(job.seconds_left))), h("div", { class: "row" }, cancel));
    }
    if (job.state === "succeeded") {
      const warnings = job.warnings.map((warning) => h("p", { class: "note note-warning" }, serverText(warning)));
      return h("div", { class: "stack" }, name, warnings, h("div", { class: "row" }, job.recording_id && h("a", { class: "button primary", href: watchUrl(job.recording_id) }, icon("play"), h("span", {}, t("Watch")))));
    }
    const retry = button(t("Try again"), { iconName: "retry", on: { click: () => act(() => retryJob(job.id)) } });
    return h("div", { class: "stack" }, name, job.error ? errorNote(job.error) : h("p", { class: "hint" }, STATE_LABELS[job.state]), h("div", { class: "row" }, retry));
  }

  // "Drawing the scenes · scene 3 of 9" while the job speaks or draws one scene after the other.
  function progressText(job) {
    if (job.state === "queued") return STATE_LABELS.queued;
    const count = model.script.scenes.length;
    const running = Object.entries(bounds).find(([stage]) => job.stage.split(" + ").includes(stage));
    if (!running) return stageLabel(job.stage);
    const [stage, [start, end]] = running;
    const number = Math.min(count, Math.floor(((job.progress - start) / (end - start)) * count) + 1);
    return `${stageLabel(stage)} · ${t("scene {number} of {count}", { number: Math.max(1, number), count })}`;
  }

  async function act(action) {
    try {
      await action();
      await loadRenders();
    } catch (error) {
      jobs.prepend(h("li", {}, errorNote(error)));
    }
  }

  return {
    node,
    previewOptions: () => ({ theme: theme.value, aspect: aspect.value, logo_image_id: logo.fileId() }),
    onLook: (listener) => lookListeners.push(listener),
    show() {
      if (!isVoiceLoaded) loadVoices();
      if (shownVersion === model.version) return;
      shownVersion = model.version;
      showEstimate();
      loadRenders().catch(() => {}); // shown again after the next change
    },
    onEvent(event) {
      const render = renders.find(({ job }) => job.id === event.job_id);
      if (!render) return;
      const updatedRender = isFinalEvent(event) ? null : applyEvent(render, event);
      if (updatedRender === null) return loadRenders().catch(() => {});
      renders = renders.map((each) => (each === render ? { ...updatedRender, version: each.version } : each));
      showJobs();
    },
  };
}

function checkbox(name, label, checked = false) {
  const input = h("input", { type: "checkbox", name, checked });
  return { input, node: h("label", { class: "checkbox" }, input, h("span", {}, label)) };
}
