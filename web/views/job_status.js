// The state of a recording's job: progress, error, or the documents. Used in the list and beside the player.

import { formatTimeLeft } from "../format.js";
import { t } from "../i18n.js";
import { fromServer, serverText } from "../server_text.js";
import { isActive } from "../job_state.js";
import { announce, button, h, replaceContent } from "./dom.js";
import { downloads } from "./downloads.js";
import { resultCounts, stageLabel, STATE_LABELS } from "./labels.js";

// `actions` = { cancel(job), retry(job) }; `isCompact`: most downloads are folded. Return { node, update(recording) }; an update keeps
// elements that still apply.
export function jobStatus(actions, { isCompact = false } = {}) {
  const node = h("div", { class: "job-status" });
  let signature = "";
  let part = null;

  function update(recording) {
    const { job, artifacts } = recording;
    const kind = isActive(job) ? "active" : job?.state ?? "none";
    const nextSignature = JSON.stringify([kind, kind === "active" ? job.id : [job?.id, job?.error, artifacts.map((artifact) => artifact.id)]]);
    if (nextSignature !== signature) {
      if (signature) announceState(recording);
      signature = nextSignature;
      part = (PARTS[kind] ?? emptyPart)(recording, actions, isCompact);
      replaceContent(node, part.node);
    }
    part.update?.(recording);
  }
  return { node, update };
}

function announceState({ title, job }) {
  if (isActive(job)) announce(t("{title}: started again", { title }));
  else if (job) announce(`${title}: ${STATE_LABELS[job.state].toLowerCase()}${job.error ? `. ${fromServer(job.error.message)}` : ""}`);
}

function activePart({ title }, { cancel }) {
  const bar = h("progress", { max: 100, "aria-label": t("Progress of {title}", { title }) });
  const percent = h("span", { class: "strong" });
  const stage = h("span", { class: "stage" });
  const timeLeft = h("span");
  const cancelButton = button(t("Cancel"), { iconName: "close", variant: "quiet", "aria-label": t("Cancel {title}", { title }) });
  const ready = h("div", {}); // documents that the running job has published already
  let shownIds = "";
  let job = null;

  function showReady(artifacts) {
    const ids = artifacts.map((artifact) => artifact.id).join();
    if (ids !== shownIds) replaceContent(ready, artifacts.length > 0 && downloads(artifacts, { isCompact: true }).node);
    shownIds = ids;
  }

  cancelButton.addEventListener("click", () => job.state !== "cancelling" && cancel(job));

  function update(recording) {
    job = recording.job;
    const isRunning = job.state === "running";
    if (isRunning) bar.value = job.progress;
    else bar.removeAttribute("value");
    percent.textContent = isRunning ? `${Math.floor(job.progress)} %` : "";
    const label = activeLabel(job);
    if (stage.textContent && stage.textContent !== label) announce(`${title}: ${label}`);
    stage.textContent = label;
    timeLeft.textContent = isRunning ? formatTimeLeft(job.seconds_left) : "";
    cancelButton.setAttribute("aria-disabled", String(job.state === "cancelling")); // `disabled` would drop the focus
    showReady(recording.artifacts.filter((artifact) => job.started_at && artifact.created_at >= job.started_at));
  }

  const line = h("p", { class: "progress-line" }, percent, stage, timeLeft);
  return { node: h("div", { class: "job-progress" }, h("div", { class: "bar-row" }, bar, cancelButton), line, ready), update };
}

function activeLabel(job) {
  if (job.state === "cancelling") return t("Cancelling");
  if (job.state === "running") return stageLabel(job.stage);
  return job.error ? t("Waiting to try again: {message}", { message: fromServer(job.error.message) }) : t("Waiting in the queue");
}

function failedPart({ title, job, artifacts }, { retry }, isCompact) {
  const retryButton = button(t("Try again"), { iconName: "retry", "aria-label": t("Try again: {title}", { title }), on: { click: () => retry(job) } });
  const note = h(
    "div",
    { class: "note note-error" },
    h("p", {}, job.error ? serverText(job.error.message) : t("The conversion failed.")),
    job.error?.hint && h("p", { class: "hint" }, serverText(job.error.hint)),
    h("div", { class: "row" }, retryButton),
  );
  return downloadsPart(artifacts, isCompact, { before: note });
}

function cancelledPart({ title, job, artifacts }, { retry }, isCompact) {
  const retryButton = button(t("Start again"), { iconName: "retry", "aria-label": t("Start again: {title}", { title }), on: { click: () => retry(job) } });
  const note = h("div", { class: "note row between" }, h("p", {}, t("You cancelled this conversion.")), retryButton);
  return downloadsPart(artifacts, isCompact, { before: note });
}

function succeededPart({ job, artifacts }, actions, isCompact) {
  const { warnings } = job;
  const note =
    warnings.length > 0 &&
    h("div", { class: "note note-warning" }, h("p", { class: "strong" }, t("Please check")), h("ul", {}, warnings.map((warning) => h("li", {}, serverText(warning)))));
  return downloadsPart(artifacts, isCompact, { before: h("p", { class: "result-counts" }, resultCounts(job.metrics)), after: note });
}

function downloadsPart(artifacts, isCompact, { before, after = null }) {
  const links = downloads(artifacts, { isCompact });
  return { node: h("div", { class: "stack" }, before, links.node, after), update: links.update };
}

const emptyPart = () => ({ node: h("p", { class: "hint" }, t("This recording has no documents yet.")) });

const PARTS = { active: activePart, failed: failedPart, cancelled: cancelledPart, succeeded: succeededPart };
