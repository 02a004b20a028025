// A dialog to choose one of the user's scripts.

import { formatDate } from "../../format.js";
import { t, tn } from "../../i18n.js";
import { listScripts } from "../../lessons_api.js";
import { showDialog } from "../dialogs.js";
import { button, errorNote, h, replaceContent } from "../dom.js";

const PAGE_SIZE = 50;

// Return a promise of the id of the script, or of null.
export function pickScript() {
  return new Promise((resolve) => {
    const list = h("ul", { class: "rows" });
    const more = h("div", {});
    const dialog = showDialog(t("Choose a script"), [list, more], { className: "wide" });
    let scriptId = null;
    let page = 0;

    function item(script) {
      const choose = () => {
        scriptId = script.id;
        dialog.close();
      };
      const title = script.title || t("Untitled");
      const facts = [tn("{count} scene", "{count} scenes", script.scenes), formatDate(script.created_at)].join(" · ");
      const use = button(t("Use"), { "aria-label": t("Use {title}", { title }), on: { click: choose } });
      return h("li", {}, h("div", { class: "row-text" }, h("p", { class: "strong" }, title), h("p", { class: "meta" }, facts)), use);
    }

    async function load() {
      try {
        const { scripts, total } = await listScripts((page += 1), PAGE_SIZE);
        list.append(...scripts.filter((each) => each.state === "ready").map(item));
        const isEnd = page * PAGE_SIZE >= total;
        replaceContent(more, !isEnd && button(t("Show more scripts"), { variant: "quiet", on: { click: load } }), isEnd && !list.childElementCount && h("p", { class: "hint" }, t("You have no finished script. Write one under Lessons.")));
      } catch (error) {
        replaceContent(more, errorNote(error));
      }
    }

    dialog.addEventListener("close", () => resolve(scriptId));
    load();
  });
}
