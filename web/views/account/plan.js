// The user's plan and credits: balance, newest changes, statements, prices, and what can be bought.

import { call } from "../../api.js";
import { formatDate, formatSize } from "../../format.js";
import { locale, t, tn } from "../../i18n.js";
import { askFor } from "../dialogs.js";
import { button, h, statusNote } from "../dom.js";
import { loadedSection } from "../forms.js";
import { pricesPart } from "./prices.js";
import { statementPart } from "./statement.js";

const PATH = "/api/v1/subscriptions";
const POLL_MS = 2000;
const MAX_POLLS = 30; // a minute: the payment provider tells the server in the background

export function planSection() {
  const section = loadedSection({ id: "plan", title: t("Plan and credits"), load });
  let planAndCredits = ""; // as they are shown

  async function load() {
    const [balance, current, offers] = await Promise.all([call("GET", "/api/v1/credits/balance"), call("GET", `${PATH}/current`), call("GET", `${PATH}/plans`)]);
    planAndCredits = [current.plan, balance.settled].join();
    showReturn();
    return [planText(current, offers), h("p", { class: "hint" }, contents(current.limits, balance.enabled)), balance.enabled && balanceList(balance), balance.enabled && statementPart(), balance.enabled && pricesPart(), offers.payments && purchases(current, offers, balance)];
  }

  // The payment provider has led the browser back here.
  function showReturn() {
    const outcome = new URLSearchParams(location.search).get("checkout");
    if (!outcome) return;
    history.replaceState(null, "", `${location.pathname}#plan`);
    if (outcome !== "done") return section.showMessage(statusNote(t("The purchase was not completed. Nothing was charged.")));
    section.showMessage(statusNote(t("Thank you. Your purchase appears here as soon as the payment has been confirmed.")));
    waitForPurchase(planAndCredits, MAX_POLLS);
  }

  async function waitForPurchase(before, pollsLeft) {
    if (!pollsLeft || !section.node.isConnected) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    const [balance, current] = await Promise.all([call("GET", "/api/v1/credits/balance"), call("GET", `${PATH}/current`)]).catch(() => [{}, {}]);
    if (current.plan === undefined || [current.plan, balance.settled].join() === before) return waitForPurchase(before, pollsLeft - 1);
    section.showMessage(statusNote(t("Thank you. The payment has been confirmed.")));
    await section.reload();
  }

  const titleOf = (name, offers) => offers.plans.find((plan) => plan.name === name)?.title ?? name;

  function planText(current, offers) {
    const date = formatDate(current.current_period_end);
    const isPaid = current.in_effect && current.status !== "manual";
    const next = current.cancel_at_period_end ? t("ends on {date}", { date }) : current.next_plan ? t("changes to {plan} on {date}", { plan: titleOf(current.next_plan, offers), date }) : isPaid && current.status === "active" && t("renews on {date}", { date });
    const late = current.status === "past_due" && t("the last payment failed");
    return h("p", {}, h("strong", {}, titleOf(current.plan, offers)), [next, late].filter(Boolean).map((text) => ` · ${text}`));
  }

  function balanceList(balance) {
    const facts = [t("{count} credits", { count: balance.settled.toLocaleString(locale) }), t("held by running jobs: {count}", { count: balance.held }), t("available: {count}", { count: balance.available.toLocaleString(locale) })];
    const expiry = balance.expires_at && h("p", { class: "hint" }, t("The next credits expire on {date}.", { date: formatDate(balance.expires_at) }));
    const low = balance.is_low && h("p", { class: "error-text" }, t("Few credits are left."));
    return h("div", { class: "stack" }, h("p", {}, facts.join(" · ")), low, expiry);
  }

  function purchases(current, offers, balance) {
    const hasPaid = current.in_effect && current.status !== "manual";
    const plans = offers.plans.filter((plan) => plan.can_be_bought && plan.name !== current.plan);
    const choose = (plan) => button(hasPaid ? t("Change to {plan}", { plan: plan.title }) : t("Choose {plan}", { plan: plan.title }), { on: { click: () => (hasPaid ? change(plan) : buy({ plan: plan.name })) } });
    const planRows = plans.map((plan) => h("li", {}, h("div", { class: "row-text" }, h("p", { class: "strong" }, plan.title), h("p", { class: "meta" }, contents(plan, balance.enabled))), choose(plan)));
    const packButtons = balance.enabled ? offers.packs.map((pack) => button(tn("Buy {count} credit", "Buy {count} credits", pack.credits), { on: { click: () => buy({ price_id: pack.price_id }) } })) : [];
    const manage = hasPaid && button(t("Cards and invoices"), { on: { click: () => open(`${PATH}/portal`, {}) } });
    const keep = hasPaid && (current.cancel_at_period_end || current.next_plan) && button(t("Keep {plan}", { plan: titleOf(current.plan, offers) }), { on: { click: () => keepPlan(current) } });
    const cancel = hasPaid && !current.cancel_at_period_end && button(t("Cancel the plan"), { variant: "quiet", on: { click: () => end(current) } });
    return h("div", { class: "stack" }, planRows.length > 0 && h("ul", { class: "rows" }, planRows), h("div", { class: "row" }, packButtons, keep, manage, cancel));
  }

  const buy = (what) => open(`${PATH}/checkout`, what);

  async function open(path, body) {
    try {
      location.assign((await call("POST", path, body)).url);
    } catch (error) {
      section.showError(error);
    }
  }

  async function change(plan) {
    if (!(await askFor(t("Change to {plan}?", { plan: plan.title }), t("Change"), { text: t("A larger plan begins at once and the difference is charged; a smaller one begins when the period ends.") }))) return;
    await act(() => call("POST", `${PATH}/change`, { plan: plan.name }), t("The plan has been changed."));
    waitForPurchase(planAndCredits, MAX_POLLS); // credits of the larger plan follow its invoice
  }

  const keepPlan = (current) => act(() => call("POST", `${PATH}/change`, { plan: current.plan }), t("The plan stays."));

  async function end(current) {
    if (!(await askFor(t("Cancel the plan?"), t("Cancel the plan"), { variant: "danger", dismissLabel: t("Keep it"), text: t("It stays until {date}.", { date: formatDate(current.current_period_end) }) }))) return;
    await act(() => call("POST", `${PATH}/cancel`), t("The plan has been cancelled."));
  }

  async function act(request, message) {
    try {
      await request();
      await section.reload(message);
    } catch (error) {
      section.showError(error);
    }
  }

  return section.node;
}

// What a plan includes: "600 credits a month · 200 GiB of storage · its jobs start before those of smaller plans".
function contents(plan, hasCredits) {
  return [
    hasCredits && tn("{count} credit a month", "{count} credits a month", plan.monthly_credits),
    plan.quota_bytes !== null && t("{size} of storage", { size: formatSize(plan.quota_bytes) }),
    plan.quota_jobs !== null && tn("{count} unfinished job at once", "{count} unfinished jobs at once", plan.quota_jobs),
    plan.quota_uploads !== null && tn("{count} upload a day", "{count} uploads a day", plan.quota_uploads),
    plan.priority > 0 && t("jobs start before those of smaller plans"),
    plan.watermark && t("videos and PDFs have the mark “{text}”", { text: plan.watermark }),
    plan.retention_days !== null && tn("recordings are kept for {count} day", "recordings are kept for {count} days", plan.retention_days),
  ].filter(Boolean).join(" · ");
}
