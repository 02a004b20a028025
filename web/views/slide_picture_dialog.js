// A dialog to choose the picture of a slide: its final state, a build step, or the picture of another slide.

import { formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { pathOf } from "../slides.js";
import { showDialog } from "./dialogs.js";
import { h } from "./dom.js";

// `slides`: all slides, see GET /api/v1/recordings/{id}/slide-edits. Return a promise of { source, build }, or of null.
export function chooseSlidePicture(slide, slides) {
  return new Promise((resolve) => {
    let picture = null;
    const choice = (url, label, value) => {
      const choose = () => {
        picture = value;
        dialog.close();
      };
      const isCurrent = value.source === slide.source && value.build === slide.build;
      return h("li", {}, h("button", { type: "button", class: "slide", "aria-current": isCurrent && "true", on: { click: choose } }, h("img", { src: pathOf(url), alt: "", loading: "lazy" }), h("span", { class: "slide-caption" }, label)));
    };
    const builds = slide.builds.map((build) => choice(build.image_url, t("At {time}", { time: formatDuration(build.time_s) }), { source: slide.source, build: build.index }));
    const own = slides.filter((each) => each.build === null && each.image_url);
    const final = own.find((each) => each.source === slide.source) ?? { image_url: slide.image_url.replace(/([?&])build=\d+&?/, "$1") };
    const others = own.filter((each) => each.source !== slide.source).map((each) => choice(each.image_url, each.title, { source: each.source, build: null }));
    const content = [
      h("h3", {}, t("States of this slide")),
      h("ul", { class: "slide-choices" }, builds, choice(final.image_url, t("Final state"), { source: slide.source, build: null })),
      others.length > 0 && h("h3", {}, t("Other slides")),
      others.length > 0 && h("ul", { class: "slide-choices" }, others),
    ];
    const dialog = showDialog(t("Choose the picture"), content.filter(Boolean), { className: "wide" });
    dialog.addEventListener("close", () => resolve(picture));
  });
}
