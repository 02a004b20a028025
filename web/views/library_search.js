// Search in the titles, the words said and the words shown, as the user types. A hit opens at its second.

import * as api from "../api.js";
import { debouncedSearch } from "../debounced_search.js";
import { formatDuration, wholeSeconds } from "../format.js";
import { t, tn } from "../i18n.js";
import { errorNote, h, icon, replaceContent } from "./dom.js";

const MAX_RESULTS = 20;

// `onSearch(isActive)`: called when results begin to be shown, or end to be.
export function librarySearch(onSearch) {
  const input = h("input", { type: "search", maxlength: 200, placeholder: t("Search in titles, words and slides"), "aria-label": t("Search in titles, words and slides"), autocomplete: "off" });
  const status = h("p", { class: "meta", role: "status" });
  const results = h("ol", { class: "search-results" });
  const node = h("div", { class: "library-search", role: "search" }, h("div", { class: "search-box" }, icon("search"), input), status, results);
  const search = debouncedSearch(load);

  async function load(isCurrent) {
    const query = input.value.trim();
    onSearch(Boolean(query));
    if (!query) return clear();
    try {
      const page = await api.searchLibrary(query, MAX_RESULTS);
      if (!isCurrent()) return;
      const count = tn("{count} recording found", "{count} recordings found", page.total);
      status.textContent = page.total ? (page.is_approximate ? t("No recording has these words. Similar titles:") : count) : t("Nothing was found.");
      replaceContent(results, page.results.map(resultItem));
    } catch (error) {
      if (isCurrent() && error.status !== 401) replaceContent(results, h("li", {}, errorNote(error)));
    }
  }

  function clear() {
    status.textContent = "";
    replaceContent(results);
  }

  input.addEventListener("input", () => search.startLater());
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") search.start();
  });
  return { node, destroy: search.stop };
}

function resultItem({ recording, title, description, moments }) {
  const heading = h("h3", {}, h("a", { href: api.watchUrl(recording.id) }, emphasised(title)));
  const about = description.ranges.length > 0 && h("p", { class: "meta" }, emphasised(description));
  return h("li", { class: "card search-result" }, heading, about, moments.length > 0 && h("ul", { class: "moments" }, moments.map((moment) => momentItem(recording.id, moment))));
}

function momentItem(recordingId, moment) {
  const address = moment.slide?.image_url && new URL(moment.slide.image_url);
  const picture = address ? h("img", { src: address.pathname + address.search, alt: "", loading: "lazy" }) : icon(moment.kind === "speech" ? "audio" : "video");
  const kind = moment.kind === "speech" ? t("said") : t("on a slide");
  const text = h("span", { class: "moment-text" }, emphasised(moment.snippet));
  const link = h("a", { href: `${api.watchUrl(recordingId)}#t=${wholeSeconds(moment.start_s)}` }, h("span", { class: "moment-picture" }, picture), h("span", {}, h("span", { class: "meta" }, `${formatDuration(moment.start_s)} · ${kind}`), text));
  return h("li", {}, link);
}

// Return the text with its ranges, which count code points, as <mark>.
function emphasised({ text, ranges }) {
  const characters = [...text];
  const parts = [];
  let end = 0;
  for (const [from, to] of ranges) {
    parts.push(characters.slice(end, from).join(""), h("mark", {}, characters.slice(from, to).join("")));
    end = to;
  }
  return [...parts, characters.slice(end).join("")];
}
