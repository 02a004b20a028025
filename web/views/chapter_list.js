// The chapters that the site of a link states: a click leads to their time.

import { formatDuration } from "../format.js";
import { h, replaceContent } from "./dom.js";

export function chapterList(media) {
  const list = h("ol", { class: "chapters" });
  const node = h("section", {}, list);
  let chapters = [];

  function onTime(timeS) {
    const current = chapters.findLastIndex((chapter) => chapter.start_s <= timeS + 0.05);
    for (const [index, item] of [...list.children].entries()) {
      if (index === current) item.firstChild.setAttribute("aria-current", "true");
      else item.firstChild.removeAttribute("aria-current");
    }
  }

  const stopTime = media.onTime(onTime);
  return {
    node,
    show(newChapters) {
      chapters = newChapters;
      const item = ({ start_s: startS, title }) =>
        h("li", {}, h("button", { type: "button", class: "chapter", on: { click: () => media.seek(startS) } }, h("span", { class: "slide-time" }, formatDuration(startS)), h("span", {}, title)));
      replaceContent(list, chapters.map(item));
    },
    destroy: stopTime,
  };
}
