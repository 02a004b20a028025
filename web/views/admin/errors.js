// The error log: failed attempts of jobs, and requests that crashed.

import { formatDateTime } from "../../format.js";
import { h } from "../dom.js";
import { listView, searchInput } from "./list_view.js";

export function errorsSection() {
  return listView({
    path: "/api/v1/admin/logs",
    label: "Errors",
    filters: [searchInput("code", "Code"), searchInput("job_id", "Job"), searchInput("request_id", "Request")],
    columns: ["Time", "Code", "Source", "Message"],
    emptyText: "No errors.",
    row: (entry) => [
      formatDateTime(entry.at),
      entry.code,
      entry.source === "job" ? `${entry.stage || "before the first stage"}, attempt ${entry.attempt}` : entry.path,
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
