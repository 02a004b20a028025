// A dialog to choose a slide among those of all recordings.

import { t } from "../../i18n.js";
import { listWall, pathOf } from "../../slides.js";
import { showDialog } from "../dialogs.js";
import { errorNote, h, replaceContent } from "../dom.js";

const LIMIT = 24;
const DELAY_MS = 250;

// Return a promise of a place { recording_id, recording_title, number }, or of null.
export function pickSlide() {
  return new Promise((resolve) => {
    const search = h("input", { type: "search", maxlength: 200, "aria-label": t("Search the slides"), placeholder: t("Search the slides") });
    const list = h("ul", { class: "slide-choices" });
    let chosen = null;
    let timer = 0;
    let latest = 0;
    const dialog = showDialog(t("Choose a slide"), [search, list], { className: "wide" });

    function choice(slide) {
      const choose = () => {
        [chosen] = slide.places;
        dialog.close();
      };
      const label = slide.title || t("Slide {number}", { number: slide.places[0].number });
      const picture = slide.image_url && h("img", { src: pathOf(slide.image_url), alt: "", loading: "lazy" });
      return h("li", {}, h("button", { type: "button", class: "slide", on: { click: choose } }, picture, h("span", { class: "slide-caption" }, label)));
    }

    async function show() {
      const number = (latest += 1);
      try {
        const { slides } = await listWall(search.value.trim(), 1, LIMIT);
        const withPicture = slides.filter((slide) => slide.image_url);
        if (number === latest) replaceContent(list, withPicture.length ? withPicture.map(choice) : h("li", { class: "hint" }, t("No slide was found.")));
      } catch (error) {
        if (number === latest) replaceContent(list, h("li", {}, errorNote(error)));
      }
    }

    search.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(show, DELAY_MS);
    });
    dialog.addEventListener("close", () => {
      clearTimeout(timer);
      resolve(chosen);
    });
    search.focus();
    show();
  });
}
