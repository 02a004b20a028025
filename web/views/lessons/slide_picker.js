// A dialog to choose a slide among those of all recordings.

import { debouncedSearch } from "../../debounced_search.js";
import { t } from "../../i18n.js";
import { listWall, pathOf } from "../../slides.js";
import { showDialog } from "../dialogs.js";
import { button, errorNote, h, replaceContent } from "../dom.js";

const PAGE_SIZE = 24;

// Resolve to the first occurrence of the chosen slide, { recording_id, recording_title, number }, or to null if the dialog is closed.
export function pickSlide() {
  return new Promise((resolve) => {
    const input = h("input", { type: "search", maxlength: 200, "aria-label": t("Search the slides"), placeholder: t("Search the slides") });
    const list = h("ul", { class: "slide-choices" });
    const footer = h("div", { class: "list-footer" });
    let selection = null;
    let page = 0;
    const search = debouncedSearch(load);
    const dialog = showDialog(t("Choose a slide"), [input, list, footer], { className: "wide" });

    function slideItem(slide) {
      const select = () => {
        [selection] = slide.places;
        dialog.close();
      };
      const label = slide.title || t("Slide {number}", { number: slide.places[0].number });
      const picture = h("img", { src: pathOf(slide.image_url), alt: "", loading: "lazy" });
      return h("li", {}, h("button", { type: "button", class: "slide", on: { click: select } }, picture, h("span", { class: "slide-caption" }, label)));
    }

    async function load(isCurrent, isNew) {
      if (isNew) page = 0;
      try {
        const { slides, total } = await listWall(input.value.trim(), page + 1, PAGE_SIZE);
        if (!isCurrent()) return;
        page += 1;
        if (isNew) replaceContent(list);
        list.append(...slides.filter((slide) => slide.image_url).map(slideItem));
        const hasMore = page * PAGE_SIZE < total;
        replaceContent(footer, hasMore && button(t("Show more slides"), { on: { click: () => search.start(false) } }));
        if (!list.childElementCount && !hasMore) replaceContent(list, h("li", { class: "hint" }, t("No slide was found.")));
      } catch (error) {
        if (isCurrent() && error.status !== 401) replaceContent(footer, errorNote(error));
      }
    }

    input.addEventListener("input", () => search.startLater(true));
    dialog.addEventListener("close", () => {
      search.stop();
      resolve(selection);
    });
    input.focus();
    search.start(true);
  });
}
