// Machines that run jobs: how they are, letting them end their work, adding and removing them.

import { call } from "../../api.js";
import { announce, button, field, h, problem, show } from "../dom.js";
import { choice, listView, when } from "./table.js";

const PATH = "/api/v1/admin/servers";
const TYPES = { processing: "Processing", backup: "Backup", testing: "Testing" };

export async function serversView() {
  const list = h("div");
  const draw = async () => show(list, await servers());
  await draw();
  return h("div", {}, checkRow(draw), list, registerForm(draw));
}

function checkRow(checked) {
  const said = h("div", { role: "status" });
  const ask = button("Check health now", { on: { click: check } });

  async function check() {
    if (ask.getAttribute("aria-disabled")) return;
    ask.setAttribute("aria-disabled", "true"); // a disabled one would lose the focus
    show(said, h("p", { class: "hint" }, "Asking every server …"));
    try {
      const found = await call("POST", `${PATH}/health-check`);
      await checked();
      show(said, h("p", { class: "hint" }, `${found.healthy_servers} of ${found.total_servers} are healthy.`));
    } catch (error) {
      show(said, problem(error));
    }
    ask.removeAttribute("aria-disabled");
  }

  return h("div", { class: "panel-head" }, h("h2", {}, "Servers"), said, ask);
}

function servers() {
  return listView({
    path: PATH,
    label: "Servers",
    whole: true,
    heads: ["Server", "Address", "Status", "Health", "Jobs", ""],
    empty: "No server is registered. Workers do their work all the same; what is registered here can be looked at and drained.",
    row: (server, act) => {
      const path = `${PATH}/${encodeURIComponent(server.id)}`;
      const toggle =
        server.status === "active"
          ? act("Drain", `Let ${server.name} end its jobs and begin no more?`, "POST", `${path}/drain`)
          : act("Activate", "", "PUT", path, { status: "active" });
      return [
        h("span", {}, server.name, h("span", { class: "meta" }, ` ${[server.type, server.description].filter(Boolean).join(", ")}`)),
        server.url,
        h("td", { class: "short" }, server.status),
        healthOf(server),
        h("td", { class: "short" }, `${server.current_load} running, ${server.total_jobs_processed} done`),
        h("td", { class: "acts" }, toggle, act("Remove", `Forget ${server.name}? Its workers go on.`, "DELETE", path)),
      ];
    },
  });
}

function healthOf(server) {
  if (!server.last_health_check) return "never asked";
  const { healthy, error, response_time: seconds } = server.health_status;
  const state = healthy ? `healthy, ${Math.round(seconds * 1000)} ms` : `not healthy: ${error}`;
  return h("span", {}, state, h("span", { class: "meta" }, ` ${when(server.last_health_check)}`));
}

function registerForm(registered) {
  const said = h("div");
  const form = h(
    "form",
    { class: "panel", "aria-label": "Register a server", on: { submit: send } },
    h("h2", {}, "Register a server"),
    field("Name", h("input", { name: "name", required: true, maxlength: 60, autocomplete: "off" }), "A worker's host name, so that its jobs are counted and draining reaches it: letters, digits, dots, dashes."),
    field("Address", h("input", { name: "url", required: true, autocomplete: "off", inputmode: "url" }), "Its health is asked for at /health."),
    field("Type", choice("type", "Type", TYPES)),
    field("Description", h("input", { name: "description", maxlength: 500, autocomplete: "off" })),
    h("div", { class: "row" }, h("button", { class: "button" }, "Register")),
    said,
  );

  async function send(event) {
    event.preventDefault();
    try {
      const { message } = await call("POST", PATH, Object.fromEntries(new FormData(form)));
      show(said);
      form.reset();
      announce(message);
      await registered();
    } catch (error) {
      show(said, problem(error));
    }
  }

  return form;
}
