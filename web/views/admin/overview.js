// Numbers, the queue, and the last days as a chart.

import { call } from "../../api.js";
import { button, h, problem, show } from "../dom.js";
import { size } from "./table.js";

const SVG = "http://www.w3.org/2000/svg";
const HIGH = 100;

export async function overviewView() {
  const [stats, storage, queue] = await Promise.all([
    call("GET", "/api/v1/admin/stats?days=30"),
    call("GET", "/api/v1/admin/storage"),
    call("GET", "/api/v1/admin/queue"),
  ]);
  const figures = [
    [stats.totalUsers, "users"],
    [stats.totalVideos, "recordings"],
    [stats.media_hours, "hours of them"],
    [stats.documents, "documents"],
    [stats.activeProcessing, "jobs running"],
    [stats.inQueue, "jobs waiting"],
    [stats.failed, "jobs failed"],
    [stats.total_errors, "errors kept"],
    [size(storage.total_bytes), "kept"],
    [size(storage.disk_free_bytes), "free on the disk"],
  ];
  return h(
    "div",
    {},
    h("div", { class: "figures" }, figures.map(([number, label]) => h("div", { class: "figure" }, h("b", {}, String(number)), h("span", {}, label)))),
    queuePanel(queue),
    h("section", { class: "panel", "aria-label": "Jobs by day" }, h("h2", {}, "Jobs that ended, last 30 days"), chart(stats.days)),
  );
}

function queuePanel(queue) {
  const place = h("section", { class: "panel", "aria-label": "Queue" });
  const said = h("div");
  function draw(now) {
    const change = async () => {
      try {
        draw(await call("POST", `/api/v1/admin/queue/${now.paused ? "resume" : "pause"}`, now.paused ? undefined : {}));
      } catch (error) {
        show(said, problem(error));
      }
    };
    const label = now.paused ? "Resume" : "Pause";
    const state = now.paused ? "The queue is paused: running jobs end, none begins." : "Jobs begin as there is room.";
    show(place, h("div", { class: "panel-head" }, h("h2", {}, "Queue"), button(label, { on: { click: change } })), h("p", {}, state), said);
  }
  draw(queue);
  return place;
}

function drawn(name, attributes, ...children) {
  const node = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, String(value));
  node.append(...children);
  return node;
}

// A bar a day: good ones below, failed ones above.
function chart(days) {
  const most = Math.max(1, ...days.map((day) => day.succeeded + day.failed));
  const good = days.reduce((sum, day) => sum + day.succeeded, 0);
  const bad = days.reduce((sum, day) => sum + day.failed, 0);
  const bars = days.flatMap((day, index) => {
    const done = (day.succeeded / most) * HIGH;
    const failed = (day.failed / most) * HIGH;
    const said = `${day.date}: ${day.succeeded} done, ${day.failed} failed`;
    return [
      drawn("rect", { class: "good", x: index * 20 + 2, width: 16, y: HIGH - done, height: done }, drawn("title", {}, said)),
      drawn("rect", { class: "bad", x: index * 20 + 2, width: 16, y: HIGH - done - failed, height: failed }, drawn("title", {}, said)),
    ];
  });
  if (!good && !bad) return h("p", { class: "hint" }, "No job has ended in these days.");
  const label = `${good} jobs done and ${bad} failed in ${days.length} days`;
  return drawn("svg", { class: "chart", viewBox: `0 0 ${days.length * 20} ${HIGH}`, preserveAspectRatio: "none", role: "img", "aria-label": label }, ...bars);
}
