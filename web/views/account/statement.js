// The changes of the user's balance, by month, in words; and the same as a file.

import { call } from "../../api.js";
import { basePath } from "../../base_path.js";
import { formatDateTime, formatMonth } from "../../format.js";
import { locale, t } from "../../i18n.js";
import { errorNote, field, h, icon, replaceContent } from "../dom.js";
import { JOB_LABELS } from "../labels.js";

const MONTHS = 12;
const KIND_LABELS = { grant: t("Credits received"), settle: t("Job"), refund: t("Refund"), expire: t("Expired"), revoke: t("Payment refunded"), adjustment: t("Adjustment") };
// Descriptions that the server gives; others are reasons that an admin has written.
const DESCRIPTIONS = { Welcome: t("Welcome"), Bought: t("Bought"), "Change of plan": t("Change of plan"), Expired: "", "Payment refunded": "", ...JOB_LABELS };

// "Credits received: Plan Pro, November 2026"
export function movementText(kind, description) {
  const [, plan, month] = description.match(/^Plan (.+?)(?:, (\d{4}-\d{2}))?$/) ?? [];
  const about = plan ? [t("Plan {plan}", { plan }), month && formatMonth(month)].filter(Boolean).join(", ") : DESCRIPTIONS[description] ?? description;
  return [KIND_LABELS[kind] ?? kind, about].filter(Boolean).join(": ");
}

export function statementPart() {
  const months = Array.from({ length: MONTHS }, (_, index) => monthBefore(index));
  const month = h("select", { on: { change: show } }, months.map((value) => h("option", { value }, formatMonth(value))));
  const file = h("a", { class: "button" }, icon("download"), h("span", {}, t("Statement as a table (CSV)")));
  const list = h("div", { class: "stack", "aria-live": "polite" });
  const node = h("details", { class: "advanced", on: { toggle: () => node.open && show() } }, h("summary", {}, t("Changes of the balance")), h("div", { class: "stack" }, field(t("Month"), month), list, h("div", { class: "row" }, file)));

  async function show() {
    const path = `/api/v1/credits/statements/${month.value}`;
    file.href = `${basePath}${path}?format=csv`;
    file.download = `credits-${month.value}.csv`;
    try {
      const statement = await call("GET", path);
      if (statement.month !== month.value) return; // another month was chosen meanwhile
      const balances = t("From {opening} to {closing} credits", { opening: statement.opening.toLocaleString(locale), closing: statement.closing.toLocaleString(locale) });
      const rows = statement.lines.toReversed().map(row);
      replaceContent(list, h("p", { class: "meta" }, balances), rows.length ? h("ul", { class: "rows" }, rows) : h("p", { class: "hint" }, t("Nothing has changed in this month.")));
    } catch (error) {
      replaceContent(list, errorNote(error));
    }
  }

  return node;
}

function row(line) {
  const sign = line.amount > 0 ? "+" : "−";
  const balance = t("balance: {count}", { count: line.balance.toLocaleString(locale) });
  const text = h("div", { class: "row-text" }, h("p", {}, movementText(line.kind, line.description)), line.title && h("p", {}, line.title), h("p", { class: "meta" }, `${formatDateTime(line.at)} · ${balance}`));
  return h("li", {}, text, h("span", { class: "amount strong" }, sign + Math.abs(line.amount).toLocaleString(locale)));
}

// The statements of the server go by months of UTC.
function monthBefore(count) {
  const today = new Date();
  return new Date(Date.UTC(today.getUTCFullYear(), today.getUTCMonth() - count, 1)).toISOString().slice(0, 7);
}
