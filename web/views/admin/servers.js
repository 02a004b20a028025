// Servers that run jobs: health checks, draining, registration and removal.

import { call } from "../../api.js";
import { formatDateTime } from "../../format.js";
import { t } from "../../i18n.js";
import { fromServer } from "../../server_text.js";
import { announce, button, errorNote, field, h, replaceContent } from "../dom.js";
import { listView, selectInput } from "./list_view.js";

const PATH = "/api/v1/admin/servers";
const STATUS_LABELS = { active: t("Active"), draining: t("Draining"), inactive: t("Inactive") };
const TYPE_LABELS = { processing: t("Processing"), backup: t("Backup"), testing: t("Testing") };

export async function serversSection() {
  const list = h("div");
  const showServers = async () => replaceContent(list, await serverList());
  await showServers();
  return h("div", {}, healthCheckRow(showServers), list, registrationForm(showServers));
}

function healthCheckRow(onChecked) {
  const messages = h("div", { role: "status" });
  const checkButton = button(t("Check health now"), { on: { click: check } });

  async function check() {
    if (checkButton.getAttribute("aria-disabled")) return;
    checkButton.setAttribute("aria-disabled", "true"); // `disabled` would drop the focus
    replaceContent(messages, h("p", { class: "hint" }, t("Checking all servers …")));
    try {
      const { healthy_servers: healthy, total_servers: total } = await call("POST", `${PATH}/health-check`);
      await onChecked();
      replaceContent(messages, h("p", { class: "hint" }, t("{healthy} of {total} servers are healthy.", { healthy, total })));
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
    checkButton.removeAttribute("aria-disabled");
  }

  return h("div", { class: "panel-head" }, h("h2", {}, t("Servers")), messages, checkButton);
}

function serverList() {
  return listView({
    path: PATH,
    label: t("Servers"),
    isPaged: false,
    columns: [t("Server"), "URL", t("Status"), t("Health"), t("Jobs"), ""],
    emptyText: t("No servers are registered. Workers need no registration; register a server to monitor and drain it."),
    row: (server, actionButton) => {
      const path = `${PATH}/${encodeURIComponent(server.id)}`;
      const drainButton =
        server.status === "active"
          ? actionButton(t("Drain"), t("Drain {name}? It finishes its jobs and starts no new ones.", { name: server.name }), "POST", `${path}/drain`)
          : actionButton(t("Activate"), "", "PUT", path, { status: "active" });
      const removeButton = actionButton(t("Remove"), t("Remove {name} from the list? Its workers keep running.", { name: server.name }), "DELETE", path);
      return [
        h("span", {}, server.name, h("span", { class: "meta" }, ` ${[TYPE_LABELS[server.type] ?? server.type, server.description].filter(Boolean).join(", ")}`)),
        server.url,
        h("td", { class: "nowrap" }, STATUS_LABELS[server.status] ?? server.status),
        serverHealth(server),
        h("td", { class: "nowrap" }, t("{running} running, {finished} finished", { running: server.current_load, finished: server.total_jobs_processed })),
        h("td", { class: "row-actions" }, drainButton, removeButton),
      ];
    },
  });
}

function serverHealth(server) {
  if (!server.last_health_check) return t("not checked");
  const { healthy, error, response_time: responseTimeS } = server.health_status;
  const state = healthy ? t("healthy, {time} ms", { time: Math.round(responseTimeS * 1000) }) : t("unhealthy: {error}", { error: fromServer(error) });
  return h("span", {}, state, h("span", { class: "meta" }, ` ${formatDateTime(server.last_health_check)}`));
}

function registrationForm(onRegistered) {
  const messages = h("div");
  const nameHint = t("The host name of a worker, so that its jobs are counted and it can be drained. Letters, digits, dots and dashes.");
  const form = h(
    "form",
    { class: "panel", "aria-label": t("Register a server"), on: { submit } },
    h("h2", {}, t("Register a server")),
    field(t("Name"), h("input", { name: "name", required: true, maxlength: 60, autocomplete: "off" }), nameHint),
    field("URL", h("input", { name: "url", required: true, autocomplete: "off", inputmode: "url" }), t("Health checks request /health at this URL.")),
    field(t("Type"), selectInput("type", t("Type"), TYPE_LABELS)),
    field(t("Description"), h("input", { name: "description", maxlength: 500, autocomplete: "off" })),
    h("div", { class: "row" }, h("button", { class: "button" }, t("Register"))),
    messages,
  );

  async function submit(event) {
    event.preventDefault();
    try {
      const { message } = await call("POST", PATH, Object.fromEntries(new FormData(form)));
      replaceContent(messages);
      form.reset();
      announce(fromServer(message));
      await onRegistered();
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  return form;
}
