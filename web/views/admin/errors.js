// The error log: failed attempts of jobs, and requests that crashed.

import { formatDateTime } from "../../format.js";
import { t } from "../../i18n.js";
import { serverText } from "../../server_text.js";
import { h } from "../dom.js";
import { stageLabel } from "../labels.js";
import { listView, searchInput } from "./list_view.js";

export function errorsSection() {
  return listView({
    path: "/api/v1/admin/logs",
    label: t("Errors"),
    filters: [searchInput("code", t("Code")), searchInput("job_id", t("Job")), searchInput("request_id", t("Request"))],
    columns: [t("Time"), t("Code"), t("Source"), t("Message")],
    emptyText: t("No errors."),
    row: (entry) => [
      formatDateTime(entry.at),
      entry.code,
      entry.source === "job" ? t("{stage}, attempt {attempt}", { stage: entry.stage ? stageLabel(entry.stage) : t("before the first stage"), attempt: entry.attempt }) : entry.path,
      h(
        "td",
        {},
        serverText(entry.message),
        h("p", { class: "meta" }, entry.job_id && t("Job {id}", { id: entry.job_id }), " ", entry.request_id && t("Request {requestId}", { requestId: entry.request_id })),
        entry.log && h("details", {}, h("summary", {}, t("Log")), h("pre", { class: "log", tabindex: "0" }, entry.log)),
      ),
    ],
  });
}
