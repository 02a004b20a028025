// The audit log: changes by administrators, with the values before and after.

import { formatDateTime } from "../../format.js";
import { t } from "../../i18n.js";
import { h } from "../dom.js";
import { listView, searchInput } from "./list_view.js";

export function auditSection() {
  return listView({
    path: "/api/v1/admin/audit",
    label: t("Audit log"),
    filters: [searchInput("actor", t("E-mail address")), searchInput("action", t("Action or its prefix")), searchInput("target_id", t("Target (ID or name)"))],
    columns: [t("Time"), t("Administrator"), t("Action"), t("Target"), t("Changes"), t("Request")],
    emptyText: t("No matching entries."),
    row: (entry) => [
      formatDateTime(entry.at),
      entry.actor_email,
      h("td", { class: "nowrap" }, entry.action),
      h("span", {}, entry.target_kind, h("span", { class: "meta" }, ` ${entry.target_id}`)),
      changeList(entry),
      h("span", { class: "meta" }, entry.request_id),
    ],
  });
}

function changeList({ before, after }) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  const changes = names.map((name) => [name, formatValue(before[name]), formatValue(after[name])]).filter(([, old, changed]) => old !== changed);
  return h("ul", {}, changes.map(([name, old, changed]) => h("li", {}, `${name}: ${old} → ${changed}`)));
}

function formatValue(value) {
  if (value === undefined || value === null || value === "") return t("(none)");
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
