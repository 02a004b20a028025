// What went wrong: failed attempts at jobs, and requests that crashed.

import { h } from "../dom.js";
import { listView, when, words } from "./table.js";

export function errorsView() {
  return listView({
    path: "/api/v1/admin/logs",
    label: "Errors",
    filters: [words("code", "Code"), words("job_id", "Job"), words("request_id", "Request")],
    heads: ["When", "Code", "Where", "What"],
    empty: "Nothing went wrong.",
    row: (entry) => [
      when(entry.at),
      entry.code,
      entry.source === "job" ? `${entry.stage || "before any stage"}, attempt ${entry.attempt}` : entry.path,
      h(
        "td",
        {},
        entry.message,
        h("p", { class: "meta" }, entry.job_id && `Job ${entry.job_id} `, entry.request_id && `Request ${entry.request_id}`),
        entry.log && h("details", {}, h("summary", {}, "Log"), h("pre", { class: "log", tabindex: "0" }, entry.log)),
      ),
    ],
  });
}
