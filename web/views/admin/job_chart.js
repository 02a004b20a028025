// A bar for each day: failed jobs on top of succeeded ones, with axes and a legend.

import { formatDate } from "../../format.js";
import { locale, t } from "../../i18n.js";
import { h, svg } from "../dom.js";

const [WIDTH, HEIGHT] = [720, 190];
const PLOT = { left: 40, right: 8, top: 8, bottom: 26 };
const DAYS_PER_LABEL = 5;

// `days`: { date, succeeded, failed } in order.
export function jobChart(days) {
  const succeeded = days.reduce((sum, day) => sum + day.succeeded, 0);
  const failed = days.reduce((sum, day) => sum + day.failed, 0);
  if (!succeeded && !failed) return h("p", { class: "hint" }, t("No job has finished in the last 30 days."));
  const ticks = axisTicks(Math.max(...days.map((day) => day.succeeded + day.failed)));
  const plotHeight = HEIGHT - PLOT.top - PLOT.bottom;
  const y = (count) => PLOT.top + plotHeight * (1 - count / ticks.at(-1));
  const dayWidth = (WIDTH - PLOT.left - PLOT.right) / days.length;
  const grid = ticks.flatMap((tick) => [
    svg("line", { class: "grid", x1: PLOT.left, x2: WIDTH - PLOT.right, y1: y(tick), y2: y(tick) }),
    svg("text", { x: PLOT.left - 8, y: y(tick) + 4, "text-anchor": "end" }, tick.toLocaleString(locale)),
  ]);
  const bars = days.flatMap((day, index) => {
    const x = PLOT.left + index * dayWidth + dayWidth * 0.12;
    const title = t("{date}: {succeeded} succeeded, {failed} failed", { date: formatDate(day.date), succeeded: day.succeeded, failed: day.failed });
    const bar = (kind, from, to) => svg("rect", { class: kind, x, width: dayWidth * 0.76, y: y(to), height: y(from) - y(to) }, svg("title", {}, title));
    return [bar("succeeded", 0, day.succeeded), bar("failed", day.succeeded, day.succeeded + day.failed)];
  });
  const labels = days.flatMap((day, index) => {
    if ((days.length - 1 - index) % DAYS_PER_LABEL) return [];
    return [svg("text", { x: PLOT.left + (index + 0.5) * dayWidth, y: HEIGHT - 7, "text-anchor": index === days.length - 1 ? "end" : "middle" }, formatDate(day.date))];
  });
  const label = t("{succeeded} jobs succeeded and {failed} failed in {days} days", { succeeded, failed, days: days.length });
  const chart = svg("svg", { class: "chart", viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label }, ...grid, ...bars, ...labels);
  const legend = h("ul", { class: "legend" }, h("li", { class: "succeeded" }, t("Succeeded: {count}", { count: succeeded })), h("li", { class: "failed" }, t("Failed: {count}", { count: failed })));
  return h("div", { class: "chart-frame" }, h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("Chart") }, chart), legend);
}

// Return 0 and up to five more round numbers, the last of which is at least `max`.
function axisTicks(max) {
  const power = 10 ** Math.floor(Math.log10(Math.max(1, max / 4)));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate * 4 >= max) ?? 10 * power;
  return Array.from({ length: Math.max(1, Math.ceil(max / step)) + 1 }, (_, index) => index * step);
}
