// Everybody's recordings and how their jobs stand.

import { h } from "../dom.js";
import { choice, listView, size, when, words } from "./table.js";

const PATH = "/api/v1/admin/videos";

export function recordingsView() {
  return listView({
    path: PATH,
    label: "Recordings and jobs",
    filters: [
      words("q", "Title, file or address"),
      choice("state", "Newest job", {
        "": "Every state",
        queued: "Waiting",
        running: "Running",
        succeeded: "Done",
        failed: "Failed",
        cancelled: "Cancelled",
      }),
    ],
    heads: ["Recording", "Owner", "Job", "Kept", "Sent", ""],
    empty: "No recording fits.",
    row: (video, act) => {
      const path = `${PATH}/${encodeURIComponent(video.id)}`;
      const active = video.status === "in_queue" || video.status === "processing";
      const again = video.status === "failed" || video.status === "cancelled";
      const state = video.status === "processing" ? `${video.stage} ${Math.round(video.progress_percent)} %` : video.status.replace("_", " ");
      return [
        video.title,
        video.user_email,
        h("span", {}, state, video.error && h("span", { class: "meta" }, ` ${video.error}`)),
        size(video.storage_bytes),
        when(video.created_at),
        h(
          "td",
          { class: "acts" },
          active && act("Cancel", `Stop the job of “${video.title}”?`, "POST", `${path}/cancel`),
          again && act("Try again", "", "POST", `${path}/requeue`),
          act("Delete", `Delete “${video.title}” of ${video.user_email} with everything made from it? This can't be undone.`, "DELETE", path),
        ),
      ];
    },
  });
}
