// User accounts: create, search, change role and quota, suspend, reactivate and delete.

import { call } from "../../api.js";
import { formatDateTime, formatSize } from "../../format.js";
import { t } from "../../i18n.js";
import { formDialog } from "../dialogs.js";
import { announce, button, field, h } from "../dom.js";
import { listView, searchInput, selectInput } from "./list_view.js";

const PATH = "/api/v1/admin/users";
const GIB = 2 ** 30;
const ROLE_LABELS = { user: t("User"), moderator: t("Moderator"), admin: t("Administrator"), super_admin: t("Super administrator") };
const STATUS_LABELS = { active: t("Active"), suspended: t("Suspended") };

// `admin`: the signed-in user, who can't change their own account here.
export async function usersSection(admin) {
  const roles = admin.role === "super_admin" ? ROLE_LABELS : { user: ROLE_LABELS.user, moderator: ROLE_LABELS.moderator };
  const list = await listView({
    path: PATH,
    label: t("Users"),
    filters: [
      searchInput("q", t("E-mail address or name")),
      selectInput("role", t("Role"), { "": t("All roles"), ...ROLE_LABELS }),
      selectInput("status", t("Status"), { "": t("All statuses"), ...STATUS_LABELS }),
    ],
    columns: [t("User"), t("Role"), t("Status"), t("Recordings"), t("Storage"), t("Last sign-in"), ""],
    emptyText: t("No matching users."),
    row: (user, actionButton, reload) => [
      h("span", {}, user.email, user.name && h("span", { class: "meta" }, ` ${user.name}`)),
      ROLE_LABELS[user.role] ?? user.role,
      STATUS_LABELS[user.status] ?? user.status,
      String(user.activity.recordings),
      h("span", {}, formatSize(user.activity.bytes), user.quotas.bytes !== null && h("span", { class: "meta" }, ` ${t("of {size}", { size: formatSize(user.quotas.bytes) })}`)),
      formatDateTime(user.last_login),
      h("td", { class: "row-actions" }, user.id === admin.id ? h("span", { class: "meta" }, t("Your account")) : userActions(user, roles, actionButton, reload)),
    ],
  });
  const createButton = button(t("New user"), { variant: "primary", on: { click: () => createUser(roles, list.reload) } });
  return h("div", {}, h("div", { class: "panel-head" }, h("h2", {}, t("Users")), createButton), list);
}

function userActions(user, roles, actionButton, reload) {
  const path = `${PATH}/${encodeURIComponent(user.id)}`;
  const suspendButton =
    user.status === "suspended"
      ? actionButton(t("Reactivate"), "", "POST", `${path}/unsuspend`)
      : actionButton(t("Suspend"), t("Suspend {email} and stop their jobs?", { email: user.email }), "POST", `${path}/suspend`);
  const deleteButton = actionButton(t("Delete"), t("Delete {email} and all their data? This cannot be undone.", { email: user.email }), "DELETE", path);
  const editButton = button(t("Edit"), { variant: "quiet", "aria-label": t("Edit {email}", { email: user.email }), on: { click: () => editUser(user, path, roles, reload) } });
  return [editButton, suspendButton, !user.is_admin && deleteButton];
}

function createUser(roles, reload) {
  const input = (name, properties) => h("input", { name, autocomplete: "off", ...properties });
  formDialog(t("New user"), {
    fields: [
      field(t("E-mail address"), input("email", { type: "email", required: true, maxlength: 254 })),
      h("div", { class: "field-pair" }, field(t("First name"), input("first_name", { maxlength: 120 })), field(t("Last name"), input("last_name", { maxlength: 120 }))),
      field(t("Password"), input("password", { type: "password", required: true, minlength: 8, maxlength: 256, autocomplete: "new-password" }), t("At least 8 characters. The user can change it.")),
      field(t("Role"), selectInput("role", t("Role"), roles)),
    ],
    submitLabel: t("Create"),
    draft: "new-user",
    async submit(values) {
      await call("POST", PATH, values);
      announce(t("{email} has been created.", { email: values.email }));
      await reload();
    },
  });
}

function editUser(user, path, roles, reload) {
  const role = selectInput("role", t("Role"), Object.hasOwn(roles, user.role) ? roles : { [user.role]: ROLE_LABELS[user.role] });
  role.value = user.role;
  const number = (name, value, properties = {}) => h("input", { type: "number", name, min: 0, step: "any", inputmode: "decimal", placeholder: t("Default of the server"), value: value ?? undefined, ...properties });
  const { bytes, jobs, uploads_per_day: uploads } = user.quotas;
  formDialog(user.email, {
    fields: [
      field(t("Role"), role),
      field(t("Storage (GiB)"), number("bytes", bytes === null ? null : Math.round((bytes / GIB) * 1000) / 1000)),
      field(t("Jobs at a time"), number("jobs", jobs, { step: 1 })),
      field(t("Uploads a day"), number("uploads", uploads, { step: 1 })),
      field(t("Days until recordings go to the trash"), number("days", user.retention_days, { step: 1 }), t("0: they are kept.")),
    ],
    submitLabel: t("Save"),
    async submit(values) {
      const quota = (text, factor = 1) => (text === "" ? null : Math.round(Number(text) * factor));
      const changes = { quota_bytes: quota(values.bytes, GIB), quota_jobs: quota(values.jobs), quota_uploads: quota(values.uploads), retention_days: quota(values.days) };
      if (values.role !== user.role) changes.role = values.role;
      await call("PATCH", path, changes);
      announce(t("Saved."));
      await reload();
    },
  });
}
