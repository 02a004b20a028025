// The slides of a recording in a row: the one that is shown is marked, and a click leads to its time.

import { formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { slideStart, slideTitle, visitAt, visitsOf } from "../slides.js";
import { h, replaceContent } from "./dom.js";

// `media`: the player, with seek(timeS) and onTime(listener). Times of slides are those of the player.
export function slideStrip(media) {
  const list = h("ol", { class: "slides" });
  const node = h("section", { class: "slide-strip", "aria-label": t("Slides"), hidden: true }, list);
  const items = new Map(); // by the slide's number
  let visits = [];
  let current = null;

  function show(slides) {
    items.clear();
    current = null;
    visits = visitsOf(slides);
    replaceContent(list, slides.map(slideItem));
    node.hidden = slides.length < 2;
  }

  function slideItem(slide) {
    const start = formatDuration(slide.visits[0].start_s);
    const picture = slide.src && h("img", { src: slide.src, alt: "", loading: "lazy", width: slide.width, height: slide.height });
    const caption = h("span", { class: "slide-caption" }, h("span", { class: "slide-time" }, start), " ", slideTitle(slide));
    const button = h("button", { type: "button", class: "slide", title: slide.text.slice(0, 300), on: { click: () => media.seek(slideStart(slide)) } }, picture, caption);
    const item = h("li", {}, button);
    items.set(slide.number, item);
    return item;
  }

  function onTime(timeS) {
    const item = items.get(visitAt(visits, timeS)?.slide.number) ?? null;
    if (item === current) return;
    current?.firstChild.removeAttribute("aria-current");
    current = item;
    if (!item) return;
    item.firstChild.setAttribute("aria-current", "true");
    list.scrollTo({ left: item.offsetLeft - (list.clientWidth - item.offsetWidth) / 2 });
  }

  const stopTimes = media.onTime(onTime);
  return { node, show, destroy: stopTimes };
}
