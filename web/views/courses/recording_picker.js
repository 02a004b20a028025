// A dialog to choose recordings for a course.

import { listRecordings } from "../../api.js";
import { formatDuration } from "../../format.js";
import { t } from "../../i18n.js";
import { showDialog } from "../dialogs.js";
import { button, errorNote, h, replaceContent } from "../dom.js";

const PAGE_SIZE = 100;

// `known`: ids that the list leaves out. Return a promise of the chosen ids, in the order in which they were chosen.
export function pickRecordings(known) {
  return new Promise((resolve) => {
    const filter = h("input", { type: "search", maxlength: 200, "aria-label": t("Filter by title"), placeholder: t("Filter by title") });
    const list = h("ul", { class: "picker-list" });
    const more = h("div", {});
    const confirm = button(t("Add"), { variant: "primary", on: { click: finish } });
    const dialog = showDialog(t("Add recordings"), [filter, list, more, h("div", { class: "row end" }, confirm)], { className: "wide" });
    const selection = new Set();
    let isConfirmed = false;
    let page = 0;

    function item(recording) {
      const box = h("input", { type: "checkbox" });
      box.addEventListener("change", () => {
        if (box.checked) selection.add(recording.id);
        else selection.delete(recording.id);
        confirm.disabled = !selection.size;
      });
      return h("li", { "data-title": recording.title.toLowerCase() }, h("label", { class: "checkbox" }, box, h("span", {}, recording.title, " ", h("span", { class: "meta" }, formatDuration(recording.duration_s)))));
    }

    async function load() {
      try {
        const { recordings, total } = await listRecordings((page += 1), PAGE_SIZE);
        list.append(...recordings.filter((each) => each.size_bytes > 0 && !known.has(each.id)).map(item));
        replaceContent(more, page * PAGE_SIZE < total && button(t("Show more recordings"), { variant: "quiet", on: { click: load } }));
        if (!list.childElementCount && page * PAGE_SIZE >= total) replaceContent(more, h("p", { class: "hint" }, t("All your recordings are in the course.")));
        applyFilter();
      } catch (error) {
        replaceContent(more, errorNote(error));
      }
    }

    function applyFilter() {
      const text = filter.value.trim().toLowerCase();
      for (const each of list.children) each.hidden = !each.dataset.title.includes(text);
    }

    function finish() {
      isConfirmed = true;
      dialog.close();
    }

    confirm.disabled = true;
    filter.addEventListener("input", applyFilter);
    dialog.addEventListener("close", () => resolve(isConfirmed ? [...selection] : []));
    filter.focus();
    load();
  });
}
