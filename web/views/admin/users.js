// Users: look for them, suspend them, let them in again, delete them.

import { h } from "../dom.js";
import { choice, listView, size, when, words } from "./table.js";

const PATH = "/api/v1/admin/users";

export function usersView() {
  return listView({
    path: PATH,
    label: "Users",
    filters: [
      words("q", "Address or name"),
      choice("role", "Role", { "": "Every role", user: "Users", admin: "Admins", super_admin: "Super admins" }),
      choice("status", "State", { "": "Every state", active: "Active", suspended: "Suspended" }),
    ],
    heads: ["User", "Role", "State", "Recordings", "Kept", "Last log-in", ""],
    empty: "Nobody fits.",
    row: (user, act) => {
      const path = `${PATH}/${encodeURIComponent(user.id)}`;
      const toggle =
        user.status === "suspended"
          ? act("Let in again", "", "POST", `${path}/unsuspend`)
          : act("Suspend", `Shut ${user.email} out and stop their jobs?`, "POST", `${path}/suspend`);
      const remove = act("Delete", `Delete ${user.email} with everything that is theirs? This can't be undone.`, "DELETE", path);
      return [
        h("span", {}, user.email, user.name && h("span", { class: "meta" }, ` ${user.name}`)),
        user.role.replace("_", " "),
        user.status,
        String(user.activity.recordings),
        size(user.activity.bytes),
        when(user.last_login),
        h("td", { class: "acts" }, toggle, !user.is_admin && remove),
      ];
    },
  });
}
