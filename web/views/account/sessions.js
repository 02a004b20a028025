// The devices on which the user is signed in.

import { call } from "../../api.js";
import { formatDateTime } from "../../format.js";
import { t } from "../../i18n.js";
import { askFor } from "../dialogs.js";
import { button, h } from "../dom.js";
import { loadedSection } from "../forms.js";

const PATH = "/api/v1/auth/sessions";
// Found in this order: the name of each browser contains those of others.
const BROWSERS = [["Edg/", "Edge"], ["OPR/", "Opera"], ["Firefox/", "Firefox"], ["Chrome/", "Chrome"], ["Safari/", "Safari"], ["curl/", "curl"], ["python", "Python"]];
const SYSTEMS = [["Android", "Android"], ["iPhone", "iPhone"], ["iPad", "iPad"], ["Windows", "Windows"], ["Mac OS", "macOS"], ["Linux", "Linux"]];

export function sessionsSection() {
  const section = loadedSection({ id: "sessions", title: t("Sessions"), hint: t("Devices on which you are signed in."), load });

  async function load() {
    const { sessions } = await call("GET", PATH);
    const everywhere = button(t("Sign out everywhere"), { on: { click: signOutEverywhere } });
    return [h("ul", { class: "rows" }, sessions.map(row)), h("div", { class: "row" }, everywhere)];
  }

  function row(session) {
    const name = deviceName(session.device);
    const end = session.current
      ? h("span", { class: "state-badge" }, t("This device"))
      : button(t("Sign out"), { variant: "quiet", "aria-label": t("Sign out {device}", { device: name }), on: { click: () => revoke(session) } });
    const details = t("{address} · last used {time}", { address: session.address, time: formatDateTime(session.last_used_at) });
    return h("li", {}, h("div", { class: "row-text" }, h("p", { class: "strong", title: session.device }, name), h("p", { class: "meta" }, details)), end);
  }

  async function revoke(session) {
    try {
      await call("DELETE", `${PATH}/${encodeURIComponent(session.id)}`);
      await section.reload(t("The session has ended."));
    } catch (error) {
      section.showError(error);
    }
  }

  async function signOutEverywhere() {
    if (!(await askFor(t("Sign out everywhere?"), t("Sign out"), { text: t("You have to sign in again on every device, also on this one.") }))) return;
    try {
      await call("POST", "/api/v1/auth/logout-everywhere");
      location.reload();
    } catch (error) {
      section.showError(error);
    }
  }

  return section.node;
}

function deviceName(userAgent) {
  const find = (names) => names.find(([part]) => userAgent.includes(part))?.[1];
  return [find(BROWSERS), find(SYSTEMS)].filter(Boolean).join(", ") || userAgent.slice(0, 60) || t("Unknown device");
}
