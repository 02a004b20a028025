// What admins did: who, when, to what, and what was there before and after.

import { h } from "../dom.js";
import { listView, when, words } from "./table.js";

export function auditView() {
  return listView({
    path: "/api/v1/admin/audit",
    label: "Audit log",
    filters: [words("actor", "Person's address"), words("action", "Action, or its beginning"), words("target_id", "On (id or name)")],
    heads: ["When", "Who", "What", "On", "Before → after", "Request"],
    empty: "Nothing like that was done.",
    row: (entry) => [
      when(entry.at),
      entry.actor_email,
      h("td", { class: "short" }, entry.action),
      h("span", {}, entry.target_kind, h("span", { class: "meta" }, ` ${entry.target_id}`)),
      changes(entry),
      h("span", { class: "meta" }, entry.request_id),
    ],
  });
}

function changes({ before, after }) {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].filter((name) => spoken(before[name]) !== spoken(after[name]));
  return h("ul", {}, names.map((name) => h("li", {}, `${name}: ${spoken(before[name])} → ${spoken(after[name])}`)));
}

function spoken(value) {
  if (value === undefined || value === null || value === "") return "nothing";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}
