// What a key press costs in the fields of this page, in a corner of it: open the page with `?bench=1`. Times are those of all listeners of
// the key and of the layout after it, without the painting.

import { t } from "../i18n.js";
import { h } from "./dom.js";

const MIN_KEYS = 20;

export function showTypingBench() {
  const times = [];
  let start = 0;
  const output = h("output", { class: "typing-bench" }, t("Type in a field to measure the keys."));
  window.addEventListener("keydown", () => (start = performance.now()), { capture: true });
  window.addEventListener("input", (event) => {
    event.target.getBoundingClientRect();
    times.push(performance.now() - start);
    if (times.length >= MIN_KEYS) output.textContent = summary(times);
  });
  document.body.append(output);
}

function summary(times) {
  const sortedTimes = times.toSorted((one, other) => one - other);
  const at = (share) => sortedTimes[Math.min(sortedTimes.length - 1, Math.floor(share * sortedTimes.length))].toFixed(1);
  return t("{count} keys: median {median} ms, p95 {p95} ms, slowest {max} ms", { count: times.length, median: at(0.5), p95: at(0.95), max: at(1) });
}
