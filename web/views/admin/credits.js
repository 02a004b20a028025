// Credits and plans, for admins: totals, plans, and changes for one user.

import { call } from "../../api.js";
import { formatSize } from "../../format.js";
import { locale, t } from "../../i18n.js";
import { announce, errorNote, field, h, replaceContent } from "../dom.js";
import { actionForm } from "../forms.js";
import { JOB_LABELS } from "../labels.js";

const HOLD_LABELS = { held: t("Held"), settled: t("Spent"), released: t("Given back") };
const TOTAL_LABELS = { issued: t("Issued"), available: t("Available"), held: t("Held"), spent: t("Spent"), expired: t("Expired"), revoked: t("Taken back") };

export async function creditsSection() {
  const [billing, offers] = await Promise.all([call("GET", "/api/v1/admin/credits"), call("GET", "/api/v1/admin/plans")]);
  const totals = Object.entries(TOTAL_LABELS).map(([name, label]) => `${label}: ${Math.abs(billing.totals[name]).toLocaleString(locale)}`);
  const events = billing.waiting_events > 0 && h("p", { class: "error-text" }, t("Events of payments that are not handled yet: {count}. {error}", { count: billing.waiting_events, error: billing.last_event_error }));
  const panel = (title, ...content) => h("section", { class: "panel", "aria-label": title }, h("h2", {}, title), content);
  return h("div", {}, panel(t("Credits"), h("p", {}, totals.join(" · ")), events), panel(t("Plans"), planTable(offers.plans, billing.subscriptions)), panel(t("A user"), userPanel(offers.plans)));
}

function planTable(plans, subscriptions) {
  const head = [t("Plan"), t("Credits a month"), t("Storage"), t("Priority"), t("Subscriptions")].map((label) => h("th", { scope: "col" }, label));
  const rows = plans.map((plan) => h("tr", {}, [plan.title, plan.monthly_credits.toLocaleString(locale), plan.quota_bytes === null ? t("Default of the server") : formatSize(plan.quota_bytes), plan.priority, subscriptions[plan.name] ?? 0].map((text) => h("td", {}, String(text)))));
  return h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("Plans, table") }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)));
}

function userPanel(plans) {
  const shown = h("div", { class: "stack" });
  let userId = "";
  const search = actionForm({
    label: t("Find a user"),
    fields: [field(t("E-mail address"), h("input", { name: "q", type: "search", required: true, maxlength: 200, autocomplete: "off" }))],
    submitLabel: t("Find"),
    async submit({ q }) {
      const users = await call("GET", `/api/v1/admin/users?limit=1&q=${encodeURIComponent(q)}`);
      replaceContent(shown, !users.length && h("p", { class: "hint" }, t("No matching users.")));
      if (!users.length) return "";
      userId = users[0].id;
      await showUser(users[0].email);
      return "";
    },
  });

  async function showUser(email) {
    const path = `/api/v1/admin/users/${encodeURIComponent(userId)}`;
    const credits = await call("GET", `${path}/credits`);
    const text = t("{email}: plan {plan}, {available} credits available, {held} held", { email, plan: credits.tier, available: credits.available, held: credits.held });
    const adjust = actionForm({
      label: t("Adjust the credits"),
      fields: [
        field(t("Credits"), h("input", { name: "amount", type: "number", required: true, step: 1, inputmode: "numeric" }), t("Negative to take credits away.")),
        field(t("Reason"), h("input", { name: "reason", required: true, minlength: 3, maxlength: 500, autocomplete: "off" })),
      ],
      submitLabel: t("Adjust"),
      async submit({ amount, reason }) {
        await call("POST", `${path}/credits`, { amount: Number(amount), reason });
        announce(t("Saved."));
        await showUser(email);
        return "";
      },
    });
    const options = [["", t("No plan from an admin")], ...plans.map((plan) => [plan.name, plan.title])].map(([value, label]) => h("option", { value }, label));
    const givePlan = actionForm({
      label: t("Give a plan"),
      fields: [field(t("Plan that nobody pays for"), h("select", { name: "plan" }, options))],
      submitLabel: t("Save"),
      async submit({ plan }) {
        await call("PUT", `${path}/plan`, { plan: plan || null });
        await showUser(email);
        return t("Saved.");
      },
    });
    const jobs = credits.holds.map((each) => h("li", {}, h("div", { class: "row-text" }, h("p", {}, `${JOB_LABELS[each.kind] ?? each.kind} · ${HOLD_LABELS[each.state] ?? each.state}: ${each.state === "settled" ? each.settled : each.amount}`), each.refunded > 0 && h("p", { class: "meta" }, t("refunded: {count}", { count: each.refunded }))), each.state === "settled" && each.settled > each.refunded && refundButton(each)));
    replaceContent(shown, h("p", { class: "strong" }, text), adjust, givePlan, jobs.length > 0 && h("details", { class: "advanced" }, h("summary", {}, t("Jobs")), h("ul", { class: "rows" }, jobs)));

    function refundButton(each) {
      const messages = h("div");
      const refund = async () => {
        try {
          await call("POST", `/api/v1/admin/credits/holds/${encodeURIComponent(each.id)}/refund`, { reason: "Refunded by an admin" });
          await showUser(email);
        } catch (error) {
          replaceContent(messages, errorNote(error));
        }
      };
      return h("div", { class: "row" }, messages, h("button", { type: "button", class: "button quiet", on: { click: refund } }, t("Refund")));
    }
  }

  return h("div", { class: "stack" }, search, shown);
}
