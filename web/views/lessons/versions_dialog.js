// The versions of a script, newest first. Each one can be restored.

import { formatDateTime } from "../../format.js";
import { t } from "../../i18n.js";
import * as api from "../../lessons_api.js";
import { showDialog } from "../dialogs.js";
import { button, errorNote, h, replaceContent } from "../dom.js";

const AUTHORS = { writer: t("Written"), user: t("Edited"), instruction: t("Rewritten by an instruction") };

// `restore(number)` returns a promise.
export async function showVersions(model, restore) {
  const list = h("ul", { class: "rows" });
  const dialog = showDialog(t("Versions"), [list]);
  try {
    const versions = await api.listVersions(model.id);
    replaceContent(list, versions.map(item));
  } catch (error) {
    replaceContent(list, h("li", {}, errorNote(error)));
  }

  function item({ number, author, note, created_at: createdAt }) {
    const restoreButton = button(t("Restore"), { "aria-label": t("Restore version {number}", { number }) });
    restoreButton.addEventListener("click", async () => {
      dialog.close();
      await restore(number);
    });
    const isCurrent = number === model.version;
    const text = h("div", { class: "row-text" }, h("p", { class: "strong" }, t("Version {number}", { number })), h("p", { class: "meta" }, [AUTHORS[author] ?? author, formatDateTime(createdAt)].join(" · ")), author === "instruction" && h("p", { class: "hint" }, note));
    return h("li", {}, text, isCurrent ? h("span", { class: "tag" }, t("Current")) : restoreButton);
  }
}
