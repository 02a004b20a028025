// Everything in the account: export it, or delete it.

import { call } from "../../api.js";
import { basePath } from "../../base_path.js";
import { t } from "../../i18n.js";
import { promptForPassword } from "../dialogs.js";
import { button, errorNote, h, icon, replaceContent } from "../dom.js";

export function dataSection(openHome) {
  const messages = h("div", { class: "messages" });
  const exportLink = h("a", { class: "button", href: `${basePath}/api/v1/users/me/export`, download: "lectern-export.zip" }, icon("download"), h("span", {}, t("Export everything")));
  const deleteButton = button(t("Delete account"), { iconName: "delete", on: { click: remove } });

  async function remove() {
    const password = await promptForPassword(t("Delete your account?"), t("Your recordings, documents and notes are deleted at once. This cannot be undone."), t("Delete account"));
    if (password === null) return;
    try {
      await call("DELETE", "/api/v1/users/me", { password });
    } catch (error) {
      return replaceContent(messages, errorNote(error));
    }
    openHome(t("Your account has been deleted."));
  }

  return h(
    "section",
    { class: "card stack", id: "data", "aria-labelledby": "data-title" },
    h("h2", { id: "data-title" }, t("Your data")),
    h("p", { class: "hint" }, t("The export is a zip file with your profile, recordings and documents.")),
    messages,
    h("div", { class: "row" }, exportLink, deleteButton),
  );
}
