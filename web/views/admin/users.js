// User accounts: search, suspend, reactivate and delete.

import { formatDateTime, formatSize } from "../../format.js";
import { h } from "../dom.js";
import { listView, searchInput, selectInput } from "./list_view.js";

const PATH = "/api/v1/admin/users";

export function usersSection() {
  return listView({
    path: PATH,
    label: "Users",
    filters: [
      searchInput("q", "E-mail address or name"),
      selectInput("role", "Role", { "": "All roles", user: "Users", admin: "Admins", super_admin: "Super admins" }),
      selectInput("status", "Status", { "": "All statuses", active: "Active", suspended: "Suspended" }),
    ],
    columns: ["User", "Role", "Status", "Recordings", "Storage", "Last sign-in", ""],
    emptyText: "No matching users.",
    row: (user, actionButton) => {
      const path = `${PATH}/${encodeURIComponent(user.id)}`;
      const suspendButton =
        user.status === "suspended"
          ? actionButton("Reactivate", "", "POST", `${path}/unsuspend`)
          : actionButton("Suspend", `Suspend ${user.email} and stop their jobs?`, "POST", `${path}/suspend`);
      const deleteButton = actionButton("Delete", `Delete ${user.email} and all their data? This cannot be undone.`, "DELETE", path);
      return [
        h("span", {}, user.email, user.name && h("span", { class: "meta" }, ` ${user.name}`)),
        user.role.replace("_", " "),
        user.status,
        String(user.activity.recordings),
        formatSize(user.activity.bytes),
        formatDateTime(user.last_login),
        h("td", { class: "row-actions" }, suspendButton, !user.is_admin && deleteButton),
      ];
    },
  });
}
