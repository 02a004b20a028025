// Totals, the job queue, a chart of the last 30 days, and the health of the server.

import { call } from "../../api.js";
import { basePath } from "../../base_path.js";
import { formatSize } from "../../format.js";
import { t } from "../../i18n.js";
import { button, errorNote, h, replaceContent } from "../dom.js";
import { jobChart } from "./job_chart.js";

export async function overviewSection() {
  const [stats, storage, queue, health] = await Promise.all([
    call("GET", "/api/v1/admin/stats?days=30"),
    call("GET", "/api/v1/admin/storage"),
    call("GET", "/api/v1/admin/queue"),
    loadHealth(),
  ]);
  const statistics = [
    [stats.totalUsers, t("Users")],
    [stats.totalVideos, t("Recordings")],
    [stats.media_hours, t("Hours recorded")],
    [stats.documents, t("Documents")],
    [stats.activeProcessing, t("Jobs running")],
    [stats.inQueue, t("Jobs waiting")],
    [stats.failed, t("Jobs failed")],
    [stats.total_errors, t("Errors logged")],
    [formatSize(storage.total_bytes), t("Stored")],
    [formatSize(storage.disk_free_bytes), t("Free disk space")],
  ];
  return h(
    "div",
    {},
    h("div", { class: "statistics" }, statistics.map(([value, label]) => h("div", { class: "statistic" }, h("b", {}, String(value)), h("span", {}, label)))),
    queuePanel(queue),
    h("section", { class: "panel", "aria-label": t("Jobs by day") }, h("h2", {}, t("Finished jobs, last 30 days")), jobChart(stats.days)),
    healthPanel(health),
  );
}

const CHECK_LABELS = {
  database: t("Database"),
  storage: t("Storage"),
  jobs: t("Jobs"),
  ffmpeg: "FFmpeg",
  pandoc: "Pandoc",
  ocr: t("Text recognition"),
  speech_model: t("Speech recognition"),
  redis: "Redis",
  identity: t("Sign-in services"),
};

// An unhealthy server answers with 503, and with its checks.
async function loadHealth() {
  const response = await fetch(`${basePath}/api/v1/health`, { headers: { Accept: "application/json" } });
  return response.json();
}

function healthPanel({ checks, version }) {
  const rows = Object.entries(checks).map(([name, { ok: isOk, needed: isNeeded, detail }]) =>
    h("li", {}, h("span", { class: "row-text" }, h("span", { class: "strong" }, CHECK_LABELS[name] ?? name), h("span", { class: "meta" }, ` ${detail}`)), healthBadge(isOk, isNeeded)),
  );
  return h("section", { class: "panel", "aria-label": t("Health") }, h("div", { class: "panel-head" }, h("h2", {}, t("Health")), h("span", { class: "meta" }, `Lectern ${version}`)), h("ul", { class: "rows" }, rows));
}

function healthBadge(isOk, isNeeded) {
  if (isOk) return h("span", { class: "state-badge state-succeeded" }, t("Works"));
  return h("span", { class: "state-badge state-failed" }, isNeeded ? t("Failed") : t("Failed, not needed to run"));
}

function queuePanel(queue) {
  const panel = h("section", { class: "panel", "aria-label": t("Queue") });
  const messages = h("div");

  function update({ paused: isPaused }) {
    const toggle = async () => {
      try {
        update(await call("POST", `/api/v1/admin/queue/${isPaused ? "resume" : "pause"}`, isPaused ? undefined : {}));
        replaceContent(messages);
      } catch (error) {
        replaceContent(messages, errorNote(error));
      }
    };
    const state = isPaused ? t("The queue is paused. Running jobs continue, and no new jobs start.") : t("Jobs start when there is capacity.");
    const toggleButton = button(isPaused ? t("Resume") : t("Pause"), { on: { click: toggle } });
    replaceContent(panel, h("div", { class: "panel-head" }, h("h2", {}, t("Queue")), toggleButton), h("p", {}, state), messages);
  }

  update(queue);
  return panel;
}
