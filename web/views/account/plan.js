// The user's plan and credits: balance, newest changes, statements, and what can be bought.

import { call } from "../../api.js";
import { formatDate } from "../../format.js";
import { locale, t, tn } from "../../i18n.js";
import { askFor } from "../dialogs.js";
import { button, h } from "../dom.js";
import { loadedSection } from "../forms.js";
import { statementPart } from "./statement.js";

const PATH = "/api/v1/subscriptions";

export function planSection() {
  const section = loadedSection({ id: "plan", title: t("Plan and credits"), load });

  async function load() {
    const [balance, current, offers] = await Promise.all([call("GET", "/api/v1/credits/balance"), call("GET", `${PATH}/current`), call("GET", `${PATH}/plans`)]);
    return [planText(current, offers), balance.enabled && balanceList(balance), balance.enabled && statementPart(), offers.payments && purchases(current, offers, balance)];
  }

  function planText(current, offers) {
    const name = offers.plans.find((plan) => plan.name === current.plan)?.title ?? current.plan;
    const end = current.cancel_at_period_end ? t("ends on {date}", { date: formatDate(current.current_period_end) }) : current.next_plan && t("changes to {plan} on {date}", { plan: current.next_plan, date: formatDate(current.current_period_end) });
    const late = current.status === "past_due" && t("the last payment failed");
    return h("p", {}, h("strong", {}, name), [end, late].filter(Boolean).map((text) => ` · ${text}`));
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
    const planButtons = plans.map((plan) => button(t("{plan}: {credits} credits a month", { plan: plan.title, credits: plan.monthly_credits }), { on: { click: () => (hasPaid ? change(plan) : buy({ plan: plan.name })) } }));
    const packButtons = balance.enabled ? offers.packs.map((pack) => button(tn("Buy {count} credit", "Buy {count} credits", pack.credits), { on: { click: () => buy({ price_id: pack.price_id }) } })) : [];
    const manage = hasPaid && button(t("Cards and invoices"), { on: { click: () => open(`${PATH}/portal`, {}) } });
    const cancel = hasPaid && !current.cancel_at_period_end && button(t("Cancel the plan"), { variant: "quiet", on: { click: () => end(current) } });
    return h("div", { class: "row" }, planButtons, packButtons, manage, cancel);
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
  }

  async function end(current) {
    if (!(await askFor(t("Cancel the plan?"), t("Cancel the plan"), { variant: "danger", text: t("It stays until {date}.", { date: formatDate(current.current_period_end) }) }))) return;
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
