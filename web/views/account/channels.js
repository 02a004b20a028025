// The user's YouTube channels: connect and disconnect.

import { call } from "../../api.js";
import { formatDate } from "../../format.js";
import { t } from "../../i18n.js";
import { askFor } from "../dialogs.js";
import { button, errorNote, h, statusNote } from "../dom.js";
import { loadedSection } from "../forms.js";

export function channelsSection() {
  const section = loadedSection({ id: "channels", title: t("YouTube"), hint: t("Channels on which you can publish recordings."), load });

  async function load() {
    await completeSignIn();
    const { channels, is_configured: isConfigured } = await call("GET", "/api/v1/youtube/accounts");
    if (!isConfigured) return [h("p", { class: "hint" }, t("This server can't publish on YouTube."))];
    const list = channels.length ? h("ul", { class: "rows" }, channels.map(row)) : h("p", { class: "hint" }, t("No channel is connected."));
    return [list, h("div", { class: "row" }, button(t("Connect a channel"), { on: { click: connect } }))];
  }

  // Google has led the browser back here.
  async function completeSignIn() {
    const answer = Object.fromEntries(new URLSearchParams(location.search));
    if (answer.youtube !== "returned") return;
    history.replaceState(null, "", `${location.pathname}#channels`);
    try {
      const { channel } = await call("POST", "/api/v1/youtube/callback", { state: answer.state ?? "", code: answer.code ?? "", error: answer.error ?? "" });
      section.showMessage(statusNote(t("{title} is connected. You can publish your recordings on it now.", { title: channel.channel_title })));
    } catch (error) {
      section.showMessage(answer.error === "access_denied" ? statusNote(t("No channel was connected, because access was not allowed at Google.")) : errorNote(error));
    }
  }

  function row(channel) {
    const state = channel.is_active ? t("connected since {date}", { date: formatDate(channel.connected_at) }) : t("The connection has ended: connect it again.");
    const remove = button(t("Disconnect"), { variant: "quiet", "aria-label": t("Disconnect {title}", { title: channel.channel_title }), on: { click: () => disconnect(channel) } });
    return h("li", {}, h("div", { class: "row-text" }, h("p", { class: "strong" }, channel.channel_title), h("p", { class: channel.is_active ? "meta" : "error-text" }, state)), h("div", { class: "row" }, remove));
  }

  async function connect() {
    try {
      location.assign((await call("GET", "/api/v1/youtube/oauth")).url);
    } catch (error) {
      section.showError(error);
    }
  }

  async function disconnect(channel) {
    if (!(await askFor(t("Disconnect this channel?"), t("Disconnect"), { text: t("Videos that are on YouTube stay there.") }))) return;
    try {
      await call("DELETE", `/api/v1/youtube/accounts/${encodeURIComponent(channel.id)}`);
      await section.reload(t("The channel has been disconnected."));
    } catch (error) {
      section.showError(error);
    }
  }

  return section.node;
}
