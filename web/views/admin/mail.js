// Outgoing e-mail: which server takes it, and whether it does.

import { call } from "../../api.js";
import { button, field, h, problem, show } from "../dom.js";
import { choice, when } from "./table.js";

const PATH = "/api/v1/admin/email";
const ENCRYPTIONS = { auto: "By the port", starttls: "STARTTLS", tls: "TLS from the start", none: "None" };

export async function mailView() {
  const place = h("div");
  draw(place, await call("GET", `${PATH}/config`));
  return place;
}

function draw(place, known) {
  const said = h("div", { role: "status" });
  const input = (name, properties = {}) => h("input", { name, autocomplete: "off", value: known[name] ?? "", ...properties });
  const encryption = choice("encryption", "Encryption", ENCRYPTIONS);
  encryption.value = known.encryption;
  const password = h("input", { name: "smtp_password", type: "password", autocomplete: "new-password" });
  const state = known.configured ? `E-mail goes out through ${known.smtp_host}.` : "No e-mail is sent: no server is set.";
  const from = known.source === "database" ? ` Set here by ${known.changed_by}, ${when(known.changed_at)}.` : " Set by the environment.";
  const again = "One is kept, and never shown. Give it once more where server, port, user or encryption change.";
  const hint = known.password_set ? again : "None is kept.";

  const act = (work) => async (event) => {
    event.preventDefault();
    try {
      await work();
    } catch (error) {
      show(said, problem(error));
    }
  };
  const save = act(async () => {
    const { smtp_password: secret, smtp_port: port, ...rest } = Object.fromEntries(new FormData(form));
    const changed = Object.fromEntries(Object.entries({ ...rest, smtp_port: Number(port) }).filter(([name, value]) => value !== known[name]));
    draw(place, await call("POST", `${PATH}/config`, secret || !known.password_set ? { ...changed, smtp_password: secret } : changed));
  });
  const reset = act(async () => draw(place, await call("DELETE", `${PATH}/config`)));
  const test = act(async () => show(said, h("p", { class: "note" }, (await call("POST", `${PATH}/test`, {})).message)));
  const form = h(
    "form",
    { class: "panel", "aria-label": "Mail server", on: { submit: save } },
    h("h2", {}, "Mail server"),
    h("p", {}, state, from),
    field("Server", input("smtp_host")),
    field("Port", input("smtp_port", { type: "number", min: 1, max: 65535, required: true })),
    field("Encryption", encryption),
    field("User", input("smtp_user")),
    field("Password", password, hint),
    field("Sender's address", input("from_email")),
    field("Sender's name", input("from_name")),
    h("div", { class: "row" }, h("button", { class: "button" }, "Save"), button("Send me a test", { kind: "quiet", on: { click: test } }), known.source === "database" && button("Back to the environment's", { kind: "quiet", on: { click: reset } })),
    said,
  );
  show(place, form);
}
