// The recordings of all users, with the state of their jobs and, on request, the job's log.

import * as api from "../../api.js";
import { formatDateTime, formatSize } from "../../format.js";
import { t } from "../../i18n.js";
import { serverText } from "../../server_text.js";
import { showDialog } from "../dialogs.js";
import { button, errorNote, h, replaceContent } from "../dom.js";
import { EVENT_LABELS, stageLabel, STATE_LABELS } from "../labels.js";
import { listView, searchInput, selectInput } from "./list_view.js";

const PATH = "/api/v1/admin/videos";
const { queued, running, cancelling, succeeded, failed, cancelled } = STATE_LABELS;
// Status words of the admin API, which differ from the states of jobs.
const STATUS_LABELS = { in_queue: queued, processing: running, cancelling, completed: succeeded, failed, cancelled };

export function recordingsSection() {
  return listView({
    path: PATH,
    label: t("Recordings and jobs"),
    filters: [
      searchInput("q", t("Title, file name or e-mail address")),
      selectInput("state", t("Latest job"), { "": t("All states"), queued, running, succeeded, failed, cancelled }),
    ],
    columns: [t("Recording"), t("Owner"), t("Latest job"), t("Storage"), t("Uploaded"), ""],
    emptyText: t("No matching recordings."),
    row: (video, actionButton) => {
      const path = `${PATH}/${encodeURIComponent(video.id)}`;
      const isActive = video.status === "in_queue" || video.status === "processing";
      const canRetry = video.status === "failed" || video.status === "cancelled";
      return [
        h("a", { href: api.watchUrl(video.id) }, video.title),
        video.user_email,
        h("span", {}, statusText(video), video.error && h("span", { class: "meta" }, " ", serverText(video.error))),
        formatSize(video.storage_bytes),
        formatDateTime(video.created_at),
        h(
          "td",
          { class: "row-actions" },
          video.job_id && button(t("Details"), { variant: "quiet", "aria-label": t("Details of {title}", { title: video.title }), on: { click: () => showJob(video) } }),
          isActive && actionButton(t("Cancel"), t("Cancel the job of “{title}”?", { title: video.title }), "POST", `${path}/cancel`),
          canRetry && actionButton(t("Try again"), "", "POST", `${path}/requeue`),
          actionButton(t("Delete"), t("Delete “{title}” of {email} and all its documents? This cannot be undone.", { title: video.title, email: video.user_email }), "DELETE", path),
        ),
      ];
    },
  });
}

function statusText({ status, stage, progress_percent: percent }) {
  const label = STATUS_LABELS[status] ?? status.replace("_", " ");
  return status === "processing" ? `${label}: ${stageLabel(stage)} ${Math.round(percent)} %` : label;
}

// The newest job of a recording: times, attempts, error, events and log.
async function showJob(video) {
  const content = h("div", { class: "stack", "aria-busy": "true" }, h("p", { class: "hint" }, t("Loading …")));
  showDialog(video.title, [content], { className: "wide" });
  try {
    const [job, { events }] = await Promise.all([
      api.call("GET", `/api/v1/admin/jobs/${encodeURIComponent(video.job_id)}`),
      api.call("GET", `${PATH}/${encodeURIComponent(video.id)}/timeline`),
    ]);
    replaceContent(content, jobFacts(job), job.error && errorNote(job.error), eventList(events), job.error_log && logPart(job.error_log));
  } catch (error) {
    replaceContent(content, errorNote(error));
  }
  content.removeAttribute("aria-busy");
}

function jobFacts(job) {
  const facts = [
    [t("State"), STATE_LABELS[job.state] ?? job.state],
    [t("Job"), job.id],
    [t("Attempt"), t("{number} of {count}", { number: job.attempt, count: job.max_attempts })],
    [t("Worker"), job.worker],
    [t("Queued"), formatDateTime(job.created_at)],
    [t("Started"), job.started_at && formatDateTime(job.started_at)],
    [t("Finished"), job.finished_at && formatDateTime(job.finished_at)],
    [t("Waits because"), job.wait_reason && serverText(job.wait_reason)],
  ];
  return h("dl", { class: "key-list" }, facts.filter(([, value]) => value).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value))));
}

function eventList(events) {
  const rows = events.filter((event) => event.kind !== "progress");
  const item = (event) => h("li", {}, h("span", { class: "slide-time" }, formatDateTime(event.at)), ` ${EVENT_LABELS[event.kind] ?? event.kind}${event.data.stage ? `: ${stageLabel(event.data.stage)}` : ""}`);
  return h("details", { class: "advanced" }, h("summary", {}, t("Events")), h("ul", { class: "event-list" }, rows.map(item)));
}

function logPart(log) {
  return h("details", { class: "advanced" }, h("summary", {}, t("Log")), h("pre", { class: "log", tabindex: "0" }, log));
}
