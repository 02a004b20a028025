// Links that open a recording without an account: create them with a password and an end, copy and revoke them.

import { call } from "../api.js";
import { formatDate, formatDateTime } from "../format.js";
import { t } from "../i18n.js";
import { showDialog } from "./dialogs.js";
import { announce, button, errorNote, field, h, replaceContent } from "./dom.js";
import { actionForm } from "./forms.js";

const DAY_MS = 86_400_000;

export function shareDialog(recording) {
  const path = `/api/v1/recordings/${encodeURIComponent(recording.id)}/links`;
  const list = h("div", {}, h("p", { class: "hint" }, t("Loading …")));
  const form = actionForm({
    label: t("New link"),
    fields: [
      field(t("Label (optional)"), h("input", { name: "label", maxlength: 120, autocomplete: "off" }), t("Only you see it.")),
      h("div", { class: "field-pair" }, field(t("Password (optional)"), h("input", { type: "password", name: "password", maxlength: 200, autocomplete: "new-password" })), field(t("Expires after (days)"), h("input", { type: "number", name: "days", min: 1, max: 3650, inputmode: "numeric", placeholder: t("Never") }))),
    ],
    submitLabel: t("Create a link"),
    draft: `share.${recording.id}`,
    variant: "primary",
    async submit({ days, ...values }, linkForm) {
      const expiry = days ? { expires_at: new Date(Date.now() + Number(days) * DAY_MS).toISOString() } : {};
      await call("POST", path, { ...values, ...expiry });
      linkForm.reset();
      await load();
      return t("The link has been created.");
    },
  });
  const explanation = t("Everybody who has a link can watch the recording and download its documents, without an account.");
  showDialog(t("Share"), [h("div", { class: "stack" }, h("p", { class: "strong" }, recording.title), h("p", {}, explanation), list, form)]);

  async function load() {
    try {
      const { links } = await call("GET", path);
      replaceContent(list, links.length ? h("ul", { class: "rows" }, links.map(linkRow)) : h("p", { class: "hint" }, t("There are no links yet.")));
    } catch (error) {
      replaceContent(list, errorNote(error));
    }
  }

  function linkRow(link) {
    const url = new URL(new URL(link.embed_url).pathname, location.href).href; // this page may have been opened by another host name
    const facts = [link.has_password && t("with password"), link.expires_at ? t("expires {date}", { date: formatDate(link.expires_at) }) : t("does not expire")].filter(Boolean).join(" · ");
    const copyButton = button(t("Copy"), { variant: "quiet", on: { click: copy } });
    const revokeButton = button(t("Revoke"), { variant: "quiet", on: { click: revoke } });
    const name = link.label || t("Link of {time}", { time: formatDateTime(link.created_at) });
    const address = h("a", { href: url, target: "_blank", rel: "noopener" }, url);

    async function copy() {
      try {
        await navigator.clipboard.writeText(url);
        announce(t("Copied"));
        copyButton.querySelector("span").textContent = t("Copied");
      } catch {
        getSelection().selectAllChildren(address); // without HTTPS there is no clipboard: Ctrl+C copies the selection
      }
    }

    async function revoke() {
      try {
        await call("DELETE", `${path}/${encodeURIComponent(link.id)}`);
        announce(t("The link has been revoked."));
        await load();
      } catch (error) {
        replaceContent(list, errorNote(error));
      }
    }

    return h("li", {}, h("div", { class: "row-text" }, h("p", { class: "strong" }, name), h("p", {}, address), h("p", { class: "meta" }, facts)), h("div", { class: "row" }, copyButton, revokeButton));
  }

  load();
}
