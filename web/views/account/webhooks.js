// The user's webhooks and their delivery log.

import { call } from "../../api.js";
import { formatDateTime } from "../../format.js";
import { t } from "../../i18n.js";
import { FINAL_STATES } from "../../job_state.js";
import { serverText } from "../../server_text.js";
import { askFor } from "../dialogs.js";
import { button, errorNote, field, h, replaceContent } from "../dom.js";
import { actionForm, loadedSection } from "../forms.js";
import { STATE_LABELS } from "../labels.js";
import { secretNote } from "./secret_note.js";

const PATH = "/api/v1/webhooks";
const MAX_DELIVERIES = 20;

export function webhooksSection() {
  const section = loadedSection({ id: "webhooks", title: t("Webhooks"), hint: t("URLs that receive a signed event when a conversion ends."), load });
  let newSecret = null; // shown until the page is left

  async function load() {
    const { webhooks } = await call("GET", PATH);
    const list = webhooks.length ? h("ul", { class: "rows" }, webhooks.map(row)) : h("p", { class: "hint" }, t("You have no webhooks."));
    return [newSecret && secretNote(t("Copy the key of the signatures now. It is not shown again."), newSecret), list, h("details", { class: "advanced" }, h("summary", {}, t("Add a webhook")), webhookForm())];
  }

  function row(webhook) {
    const path = `${PATH}/${encodeURIComponent(webhook.id)}`;
    const state = webhook.active ? (webhook.failing_since ? t("failing since {time}", { time: formatDateTime(webhook.failing_since) }) : t("active")) : t("off");
    const log = h("div", { class: "stack" });
    const details = h("details", { class: "advanced", on: { toggle: () => details.open && showDeliveries(path, log) } }, h("summary", {}, t("Deliveries")), log);
    const actions = h(
      "div",
      { class: "row" },
      button(t("Send a test"), { variant: "quiet", on: { click: () => act(async () => { await call("POST", `${path}/test`); details.open = true; await showDeliveries(path, log); }) } }),
      button(webhook.active ? t("Turn off") : t("Turn on"), { variant: "quiet", on: { click: () => act(() => call("PATCH", path, { active: !webhook.active }), t("Saved.")) } }),
      button(t("Delete"), { variant: "quiet", on: { click: () => remove(webhook, path) } }),
    );
    const text = h("div", { class: "row-text" }, h("p", { class: "strong" }, webhook.url), h("p", { class: "meta" }, [webhook.description, webhook.events.map((event) => STATE_LABELS[event]).join(", "), state].filter(Boolean).join(" · ")), webhook.disabled_reason && h("p", { class: "error-text" }, serverText(webhook.disabled_reason)), actions, details);
    return h("li", {}, text);
  }

  function webhookForm() {
    const events = FINAL_STATES.map((event) => h("label", { class: "checkbox" }, h("input", { type: "checkbox", name: event, checked: true }), h("span", {}, STATE_LABELS[event])));
    return actionForm({
      label: t("Add a webhook"),
      fields: [
        field("URL", h("input", { type: "url", name: "url", required: true, maxlength: 2000, placeholder: "https://" })),
        field(t("Description (optional)"), h("input", { name: "description", maxlength: 200 })),
        h("fieldset", { class: "choices" }, h("legend", {}, t("Results to be notified of")), events),
      ],
      submitLabel: t("Add"),
      draft: "webhook",
      variant: "primary",
      async submit({ url, description, ...values }) {
        newSecret = (await call("POST", PATH, { url, description, events: Object.keys(values) })).secret;
        await section.reload(t("The webhook has been added."));
        return "";
      },
    });
  }

  async function showDeliveries(path, log) {
    try {
      const { deliveries } = await call("GET", `${path}/deliveries?limit=${MAX_DELIVERIES}`);
      const refresh = button(t("Refresh"), { variant: "quiet", on: { click: () => showDeliveries(path, log) } });
      replaceContent(log, deliveries.length ? h("ul", { class: "rows" }, deliveries.map(deliveryRow)) : h("p", { class: "hint" }, t("Nothing has been sent yet.")), h("div", { class: "row" }, refresh));
    } catch (error) {
      replaceContent(log, errorNote(error));
    }
  }

  function deliveryRow(delivery) {
    const states = { waiting: t("Waiting"), delivered: t("Delivered"), failed: t("Failed") };
    const result = [states[delivery.state] ?? delivery.state, delivery.status_code, t("attempts: {count}", { count: delivery.attempts })].filter(Boolean).join(" · ");
    const body = h("details", { class: "advanced" }, h("summary", {}, t("Body and response")), h("pre", { class: "log", tabindex: "0" }, delivery.body), delivery.response && h("pre", { class: "log", tabindex: "0" }, delivery.response));
    return h("li", {}, h("div", { class: "row-text" }, h("p", {}, `${formatDateTime(delivery.created_at)} · ${delivery.event}`), h("p", { class: "meta" }, result, delivery.error && [" · ", serverText(delivery.error)]), body));
  }

  async function act(change, message = "") {
    try {
      await change();
      if (message) await section.reload(message);
    } catch (error) {
      section.showError(error);
    }
  }

  async function remove(webhook, path) {
    if (!(await askFor(t("Delete this webhook?"), t("Delete"), { variant: "danger", text: webhook.url }))) return;
    await act(() => call("DELETE", path), t("The webhook has been deleted."));
  }

  return section.node;
}
