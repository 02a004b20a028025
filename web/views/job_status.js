// What a conversion is doing, did, or failed at; the same under every recording and beside the player.

import { announce, button, h, show } from "./dom.js";
import { downloads } from "./downloads.js";
import { active, counts, stages, STATES, timeLeft } from "./words.js";

// `acts` = { cancel(job), retry(job) }. -> { node, update(recording) }; what has not changed is left alone.
export function jobStatus(acts) {
  const node = h("div", { class: "status" });
  let shape = "";
  let part = null;

  function update(recording) {
    const { job, artifacts } = recording;
    const kind = active(job) ? "work" : job?.state ?? "none";
    const next = JSON.stringify([kind, kind === "work" ? job.id : [job?.id, job?.error, artifacts.map((made) => made.id)]]);
    if (next !== shape) {
      tell(recording, kind, shape);
      shape = next;
      part = (PARTS[kind] ?? nothing)(recording, acts);
      show(node, part.node);
    }
    part.update?.(recording);
  }
  return { node, update };
}

function tell({ title, job }, kind, before) {
  if (!before) return;
  if (kind === "work") announce(`${title}: started again`);
  else if (job) announce(`${title}: ${STATES[job.state].toLowerCase()}${job.error ? `. ${job.error.message}` : ""}`);
}

function work({ title }, { cancel }) {
  const bar = h("progress", { max: 100, "aria-label": `Progress of ${title}` });
  const [share, doing, left] = [h("span", { class: "strong" }), h("span", { class: "doing" }), h("span", { class: "left" })];
  const stop = button("Cancel", { symbol: "cross", kind: "quiet", "aria-label": `Cancel ${title}` });
  let now = null;
  stop.addEventListener("click", () => now.state !== "cancelling" && cancel(now));

  function update({ job }) {
    now = job;
    const running = job.state === "running";
    if (running) bar.value = job.progress;
    else bar.removeAttribute("value");
    share.textContent = running ? `${Math.floor(job.progress)} %` : "";
    const waiting = job.error ? `Will be tried again: ${job.error.message}` : "Waiting for its turn";
    const said = { queued: waiting, cancelling: "Stopping" }[job.state] ?? stages(job.stage);
    if (doing.textContent && doing.textContent !== said) announce(`${title}: ${said}`);
    doing.textContent = said;
    left.textContent = running ? timeLeft(job.seconds_left) : "";
    stop.setAttribute("aria-disabled", String(job.state === "cancelling")); // a disabled one would lose the focus
  }
  const line = h("p", { class: "progress-line" }, share, doing, left);
  return { node: h("div", { class: "work" }, h("div", { class: "bar-row" }, bar, stop), line), update };
}

function failed({ title, job, artifacts }, { retry }) {
  const again = button("Try again", { symbol: "again", "aria-label": `Try again: ${title}`, on: { click: () => retry(job) } });
  const made = downloads(artifacts);
  const said = h(
    "div",
    { class: "note note-bad" },
    h("p", {}, job.error?.message ?? "The conversion failed."),
    job.error?.hint && h("p", { class: "hint" }, job.error.hint),
    h("div", { class: "row" }, again),
  );
  return { node: h("div", { class: "stack" }, said, made.node), update: made.update };
}

function cancelled({ title, job, artifacts }, { retry }) {
  const again = button("Start again", { symbol: "again", "aria-label": `Start again: ${title}`, on: { click: () => retry(job) } });
  const made = downloads(artifacts);
  return { node: h("div", { class: "stack" }, h("div", { class: "note row between" }, h("p", {}, "You cancelled this one."), again), made.node), update: made.update };
}

function done({ job, artifacts }) {
  const made = downloads(artifacts);
  const reasons = [...new Set([...(job.metrics.quality?.reasons ?? []), ...job.warnings])];
  const doubts =
    reasons.length > 0 &&
    h("div", { class: "note note-warn" }, h("p", { class: "strong" }, "Worth a look"), h("ul", {}, reasons.map((each) => h("li", {}, each))));
  return { node: h("div", { class: "stack" }, h("p", { class: "facts" }, counts(job.metrics)), made.node, doubts), update: made.update };
}

const nothing = () => ({ node: h("p", { class: "hint" }, "Nothing has been made from this recording yet.") });

const PARTS = { work, failed, cancelled, succeeded: done };
