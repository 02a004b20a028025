// The slides of a recording in a row: the one that is shown is marked, and a click leads to its time.

import * as api from "../api.js";
import { formatDuration } from "../format.js";
import { h, replaceContent } from "./dom.js";

// `media`: the player, with seek(timeS) and onTime(listener). Times of slides are those of the player.
export function slideStrip(recordingId, media) {
  const list = h("ol", { class: "slides" });
  const node = h("section", { class: "slide-strip", "aria-label": "Slides", hidden: true }, list);
  let visits = []; // { start_s, end_s, item }
  let current = null;

  async function load() {
    const { slides, source_offset_s: offsetS } = await api.listSlides(recordingId);
    visits = [];
    current = null;
    replaceContent(list, slides.map(slideItem));
    visits.sort((a, b) => a.start_s - b.start_s);
    node.hidden = slides.length < 2;
    return offsetS;
  }

  function slideItem(slide) {
    const start = formatDuration(slide.visits[0].start_s);
    const title = slide.title || `Slide ${slide.number}`;
    const picture = slide.image_url && h("img", { src: pathOf(slide.image_url), alt: "", loading: "lazy", width: slide.width, height: slide.height });
    const caption = h("span", { class: "slide-caption" }, h("span", { class: "slide-time" }, start), " ", title);
    const link = h("button", { type: "button", class: "slide", title: slide.text.slice(0, 300), on: { click: () => media.seek(slide.visits[0].start_s) } }, picture, caption);
    const item = h("li", {}, link);
    for (const visit of slide.visits) visits.push({ ...visit, item });
    return item;
  }

  function onTime(timeS) {
    const item = visits.findLast((visit) => visit.start_s <= timeS + 0.05 && timeS < visit.end_s + 0.5)?.item ?? null;
    if (item === current) return;
    current?.firstChild.removeAttribute("aria-current");
    current = item;
    if (!item) return;
    item.firstChild.setAttribute("aria-current", "true");
    list.scrollTo({ left: item.offsetLeft - (list.clientWidth - item.offsetWidth) / 2 });
  }

  const stopTimes = media.onTime(onTime);
  return { node, load, destroy: stopTimes };
}

// The page may have been opened by another host name than the server's own.
function pathOf(url) {
  const { pathname, search } = new URL(url);
  return pathname + search;
}
