// Totals, the job queue, and a chart of the last 30 days.

import { call } from "../../api.js";
import { formatSize } from "../../format.js";
import { t } from "../../i18n.js";
import { button, errorNote, h, replaceContent } from "../dom.js";
import { jobChart } from "./job_chart.js";

export async function overviewSection() {
  const [stats, storage, queue] = await Promise.all([
    call("GET", "/api/v1/admin/stats?days=30"),
    call("GET", "/api/v1/admin/storage"),
    call("GET", "/api/v1/admin/queue"),
  ]);
  const statistics = [
    [stats.totalUsers, t("users")],
    [stats.totalVideos, t("recordings")],
    [stats.media_hours, t("hours recorded")],
    [stats.documents, t("documents")],
    [stats.activeProcessing, t("jobs running")],
    [stats.inQueue, t("jobs waiting")],
    [stats.failed, t("jobs failed")],
    [stats.total_errors, t("errors logged")],
    [formatSize(storage.total_bytes), t("stored")],
    [formatSize(storage.disk_free_bytes), t("free disk space")],
  ];
  return h(
    "div",
    {},
    h("div", { class: "statistics" }, statistics.map(([value, label]) => h("div", { class: "statistic" }, h("b", {}, String(value)), h("span", {}, label)))),
    queuePanel(queue),
    h("section", { class: "panel", "aria-label": t("Jobs by day") }, h("h2", {}, t("Finished jobs, last 30 days")), jobChart(stats.days)),
  );
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
