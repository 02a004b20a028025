// Totals, the job queue, and a chart of the last 30 days.

import { call } from "../../api.js";
import { formatSize } from "../../format.js";
import { button, errorNote, h, replaceContent, svg } from "../dom.js";

const CHART_HEIGHT = 100;
const DAY_WIDTH = 20;
const BAR_WIDTH = 16;

export async function overviewSection() {
  const [stats, storage, queue] = await Promise.all([
    call("GET", "/api/v1/admin/stats?days=30"),
    call("GET", "/api/v1/admin/storage"),
    call("GET", "/api/v1/admin/queue"),
  ]);
  const statistics = [
    [stats.totalUsers, "users"],
    [stats.totalVideos, "recordings"],
    [stats.media_hours, "hours recorded"],
    [stats.documents, "documents"],
    [stats.activeProcessing, "jobs running"],
    [stats.inQueue, "jobs waiting"],
    [stats.failed, "jobs failed"],
    [stats.total_errors, "errors logged"],
    [formatSize(storage.total_bytes), "stored"],
    [formatSize(storage.disk_free_bytes), "free disk space"],
  ];
  return h(
    "div",
    {},
    h("div", { class: "statistics" }, statistics.map(([value, label]) => h("div", { class: "statistic" }, h("b", {}, String(value)), h("span", {}, label)))),
    queuePanel(queue),
    h("section", { class: "panel", "aria-label": "Jobs by day" }, h("h2", {}, "Finished jobs, last 30 days"), jobChart(stats.days)),
  );
}

function queuePanel(queue) {
  const panel = h("section", { class: "panel", "aria-label": "Queue" });
  const messages = h("div");

  function update({ paused: isPaused }) {
    const toggle = async () => {
      try {
        update(await call("POST", `/api/v1/admin/queue/${isPaused ? "resume" : "pause"}`, isPaused ? undefined : {}));
      } catch (error) {
        replaceContent(messages, errorNote(error));
      }
    };
    const state = isPaused ? "The queue is paused. Running jobs continue, and no new jobs start." : "Jobs start when there is capacity.";
    const toggleButton = button(isPaused ? "Resume" : "Pause", { on: { click: toggle } });
    replaceContent(panel, h("div", { class: "panel-head" }, h("h2", {}, "Queue"), toggleButton), h("p", {}, state), messages);
  }

  update(queue);
  return panel;
}

// One bar for each day, failed jobs on top of succeeded ones.
function jobChart(days) {
  const succeeded = days.reduce((sum, day) => sum + day.succeeded, 0);
  const failed = days.reduce((sum, day) => sum + day.failed, 0);
  if (!succeeded && !failed) return h("p", { class: "hint" }, "No job has finished in the last 30 days.");
  const maxJobs = Math.max(...days.map((day) => day.succeeded + day.failed));
  const bars = days.flatMap((day, index) => {
    const succeededHeight = (day.succeeded / maxJobs) * CHART_HEIGHT;
    const failedHeight = (day.failed / maxJobs) * CHART_HEIGHT;
    const title = `${day.date}: ${day.succeeded} succeeded, ${day.failed} failed`;
    const bar = (kind, y, height) =>
      svg("rect", { class: kind, x: index * DAY_WIDTH + (DAY_WIDTH - BAR_WIDTH) / 2, width: BAR_WIDTH, y, height }, svg("title", {}, title));
    return [
      bar("succeeded", CHART_HEIGHT - succeededHeight, succeededHeight),
      bar("failed", CHART_HEIGHT - succeededHeight - failedHeight, failedHeight),
    ];
  });
  const label = `${succeeded} jobs succeeded and ${failed} failed in ${days.length} days`;
  return svg("svg", { class: "chart", viewBox: `0 0 ${days.length * DAY_WIDTH} ${CHART_HEIGHT}`, preserveAspectRatio: "none", role: "img", "aria-label": label }, ...bars);
}
