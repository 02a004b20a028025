// Credits and plans, for admins: totals, plans, and changes for one user.

import { call } from "../../api.js";
import { formatDateTime, formatSize } from "../../format.js";
import { locale, t } from "../../i18n.js";
import { formDialog } from "../dialogs.js";
import { announce, button, errorNote, field, h, replaceContent } from "../dom.js";
import { actionForm } from "../forms.js";
import { JOB_LABELS } from "../labels.js";

const MAX_FOUND = 20;
const HOLD_LABELS = { held: t("Held"), settled: t("Spent"), released: t("Given back") };
const TOTAL_LABELS = { issued: t("Issued"), available: t("Available"), held: t("Held"), spent: t("Spent"), expired: t("Expired"), revoked: t("Taken back") };

export async function creditsSection() {
  const offers = await call("GET", "/api/v1/admin/plans");
  const summary = h("div", { class: "stack" });
  const plans = h("div", {});

  async function showTotals() {
    const billing = await call("GET", "/api/v1/admin/credits");
    const totals = Object.entries(TOTAL_LABELS).map(([name, label]) => `${label}: ${Math.abs(billing.totals[name]).toLocaleString(locale)}`);
    replaceContent(summary, h("p", {}, totals.join(" · ")), waitingEvents(billing));
    replaceContent(plans, planTable(offers.plans, billing.subscriptions));
  }

  await showTotals();
  const panel = (title, ...content) => h("section", { class: "panel", "aria-label": title }, h("h2", {}, title), content);
  return h("div", {}, panel(t("Credits"), summary), panel(t("Plans"), plans), panel(t("A user"), userPanel(offers.plans, showTotals)));
}

function waitingEvents(billing) {
  return billing.waiting_events > 0 && h("p", { class: "error-text" }, t("Events of payments that are not handled yet: {count}. {error}", { count: billing.waiting_events, error: billing.last_event_error }));
}

function planTable(plans, subscriptions) {
  const head = [t("Plan"), t("Credits a month"), t("Storage"), t("Priority"), t("Subscriptions")].map((label) => h("th", { scope: "col" }, label));
  const rows = plans.map((plan) => h("tr", {}, [plan.title, plan.monthly_credits.toLocaleString(locale), plan.quota_bytes === null ? t("Default of the server") : formatSize(plan.quota_bytes), plan.priority, subscriptions[plan.name] ?? 0].map((text) => h("td", {}, String(text)))));
  return h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("Plans, table") }, h("table", { class: "table" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)));
}

// `onChange()` is called after credits or plans of a user have changed.
function userPanel(plans, onChange) {
  const details = h("div", { class: "stack" });
  let userId = "";
  const search = actionForm({
    label: t("Find a user"),
    fields: [field(t("E-mail address"), h("input", { name: "q", type: "search", required: true, maxlength: 200, autocomplete: "off" }))],
    submitLabel: t("Find"),
    async submit({ q }) {
      const users = await call("GET", `/api/v1/admin/users?limit=${MAX_FOUND}&q=${encodeURIComponent(q)}`);
      const match = users.find((each) => each.email.toLowerCase() === q.trim().toLowerCase()) ?? (users.length === 1 ? users[0] : null);
      if (match) await choose(match);
      else replaceContent(details, users.length ? candidates(users) : h("p", { class: "hint" }, t("No matching users.")));
      return "";
    },
  });

  const candidates = (users) => h("ul", { class: "rows" }, users.map((each) => h("li", {}, button(each.email, { variant: "quiet", on: { click: () => choose(each) } }))));

  async function choose(user) {
    userId = user.id;
    await showUser(user.email).catch((error) => replaceContent(details, errorNote(error)));
  }

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
        await Promise.all([showUser(email), onChange()]);
        return "";
      },
    });
    const options = [["", t("No plan from an admin")], ...plans.map((plan) => [plan.name, plan.title])].map(([value, label]) => h("option", { value, selected: value === (credits.manual_plan ?? "") }, label));
    const givePlan = actionForm({
      label: t("Give a plan"),
      fields: [field(t("Plan that nobody pays for"), h("select", { name: "plan" }, options))],
      submitLabel: t("Save"),
      async submit({ plan }) {
        await call("PUT", `${path}/plan`, { plan: plan || null });
        announce(t("Saved."));
        await Promise.all([showUser(email), onChange()]);
        return "";
      },
    });
    const jobs = credits.holds.map((each) => h("li", {}, h("div", { class: "row-text" }, h("p", {}, `${JOB_LABELS[each.kind] ?? each.kind} · ${HOLD_LABELS[each.state] ?? each.state}: ${each.state === "settled" ? each.settled : each.amount}`), h("p", { class: "meta" }, formatDateTime(each.created_at)), each.refunded > 0 && h("p", { class: "meta" }, t("refunded: {count}", { count: each.refunded }))), each.state === "settled" && each.settled > each.refunded && refundButton(each)));
    replaceContent(details, h("p", { class: "strong" }, text), adjust, givePlan, jobs.length > 0 && h("details", { class: "advanced" }, h("summary", {}, t("Jobs")), h("ul", { class: "rows" }, jobs)));

    function refundButton(each) {
      const ask = () => formDialog(t("Refund"), {
        fields: [
          field(t("Credits"), h("input", { name: "amount", type: "number", required: true, min: 1, max: each.settled - each.refunded, step: 1, inputmode: "numeric", value: each.settled - each.refunded })),
          field(t("Reason"), h("input", { name: "reason", required: true, minlength: 3, maxlength: 500, autocomplete: "off" })),
        ],
        submitLabel: t("Refund"),
        async submit({ amount, reason }) {
          await call("POST", `/api/v1/admin/credits/holds/${encodeURIComponent(each.id)}/refund`, { amount: Number(amount), reason });
          announce(t("Saved."));
          await Promise.all([showUser(email), onChange()]);
        },
      });
      return button(t("Refund"), { variant: "quiet", on: { click: ask } });
    }
  }

  return h("div", { class: "stack" }, search, details);
}
