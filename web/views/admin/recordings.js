// The recordings of all users, with the state of their jobs.

import { formatDateTime, formatSize } from "../../format.js";
import { h } from "../dom.js";
import { STATE_LABELS } from "../labels.js";
import { listView, searchInput, selectInput } from "./list_view.js";

const PATH = "/api/v1/admin/videos";
const { queued, running, cancelling, succeeded, failed, cancelled } = STATE_LABELS;
// Status words of the admin API, which differ from the states of jobs.
const STATUS_LABELS = { in_queue: queued, processing: running, cancelling, completed: succeeded, failed, cancelled };

export function recordingsSection() {
  return listView({
    path: PATH,
    label: "Recordings and jobs",
    filters: [
      searchInput("q", "Title, file name or e-mail address"),
      selectInput("state", "Latest job", { "": "All states", queued, running, succeeded, failed, cancelled }),
    ],
    columns: ["Recording", "Owner", "Latest job", "Storage", "Uploaded", ""],
    emptyText: "No matching recordings.",
    row: (video, actionButton) => {
      const path = `${PATH}/${encodeURIComponent(video.id)}`;
      const isActive = video.status === "in_queue" || video.status === "processing";
      const canRetry = video.status === "failed" || video.status === "cancelled";
      return [
        video.title,
        video.user_email,
        h("span", {}, statusText(video), video.error && h("span", { class: "meta" }, ` ${video.error}`)),
        formatSize(video.storage_bytes),
        formatDateTime(video.created_at),
        h(
          "td",
          { class: "row-actions" },
          isActive && actionButton("Cancel", `Cancel the job of “${video.title}”?`, "POST", `${path}/cancel`),
          canRetry && actionButton("Try again", "", "POST", `${path}/requeue`),
          actionButton("Delete", `Delete “${video.title}” of ${video.user_email} and all its documents? This cannot be undone.`, "DELETE", path),
        ),
      ];
    },
  });
}

function statusText({ status, stage, progress_percent: percent }) {
  const label = STATUS_LABELS[status] ?? status.replace("_", " ");
  return status === "processing" ? `${label}: ${stage} ${Math.round(percent)} %` : label;
}
