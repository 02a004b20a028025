// The slides of all recordings: equal ones stand once, with every place where they are shown.

import { watchUrl } from "../api.js";
import { debouncedSearch } from "../debounced_search.js";
import { formatDuration } from "../format.js";
import { t, tn } from "../i18n.js";
import { SEEK_OFFSET_S, listWall, pathOf } from "../slides.js";
import { showDialog } from "./dialogs.js";
import { announce, button, errorNote, h, icon, replaceContent } from "./dom.js";

const PAGE_SIZE = 48;

export function slideWallPage() {
  const query = new URLSearchParams(location.search).get("q") ?? "";
  const input = h("input", { type: "search", maxlength: 200, "aria-label": t("Search the slides"), placeholder: t("Words on slides, such as \"light reaction\" or photo*") });
  const status = h("p", { class: "meta", role: "status" });
  const messages = h("div", { class: "messages" });
  const list = h("ul", { class: "slide-wall" });
  const footer = h("div", { class: "list-footer" });
  const node = h("div", { class: "wall" }, h("h1", {}, t("Slides")), h("div", { class: "search-box" }, icon("search"), input), status, messages, list, footer);
  const search = debouncedSearch(load);
  let page = 0;

  async function load(isCurrent, isNew) {
    const text = input.value.trim();
    if (isNew) {
      page = 0;
      history.replaceState(null, "", text ? `?${new URLSearchParams({ q: text })}` : location.pathname);
    }
    try {
      const { slides, total } = await listWall(text, page + 1, PAGE_SIZE);
      if (!isCurrent()) return;
      page += 1;
      if (isNew) replaceContent(list);
      list.append(...slides.map(wallSlide));
      status.textContent = total ? tn("{count} slide", "{count} slides", total) : "";
      const more = list.childElementCount < total && button(t("Show more slides"), { on: { click: () => search.start(false) } });
      const emptyText = text ? t("No slide shows these words.") : t("There are no slides yet. They appear when a recording has been converted.");
      replaceContent(footer, more, !total && h("p", { class: "empty-state" }, emptyText));
      replaceContent(messages);
      if (isNew && text && !total) announce(emptyText);
    } catch (error) {
      if (isCurrent() && error.status !== 401) replaceContent(messages, errorNote(error));
    }
  }

  input.addEventListener("input", () => search.startLater(true));
  input.value = query;
  search.start(true);
  return { node, destroy: search.stop };
}

// The address of a slide opens the recording at the second at which it appears.
const placeUrl = (place) => `${watchUrl(place.recording_id)}#t=${(place.start_s + SEEK_OFFSET_S).toFixed(2)}`;

function wallSlide(slide) {
  const [place] = slide.places;
  const title = slide.title || t("Slide {number}", { number: place.number });
  const picture = slide.image_url ? h("img", { src: pathOf(slide.image_url), alt: slide.text || title, loading: "lazy", width: slide.width, height: slide.height }) : icon("picture");
  const link = h("a", { href: placeUrl(place), class: "wall-picture", "aria-label": t("Play {title}", { title }) }, picture);
  const source = h("p", { class: "meta" }, `${place.recording_title} · ${formatDuration(place.start_s)}`);
  const places = slide.places.length > 1 && h("button", { type: "button", class: "link-button", on: { click: () => showPlaces(title, slide) } }, placesLabel(slide));
  return h("li", { class: "card wall-slide" }, link, h("div", { class: "wall-text" }, h("h2", {}, title), source, places));
}

function placesLabel({ recordings, places }) {
  return recordings > 1 ? tn("Shown in {count} lecture", "Shown in {count} lectures", recordings) : tn("Shown {count} time", "Shown {count} times", places.length);
}

function showPlaces(title, slide) {
  const items = slide.places.map((place) => h("li", {}, h("a", { href: placeUrl(place) }, place.recording_title), h("span", { class: "meta" }, formatDuration(place.start_s))));
  showDialog(title, [h("p", { class: "hint" }, placesLabel(slide)), h("ul", { class: "rows" }, items)]);
}
