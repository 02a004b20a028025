// Download links of a recording's documents.

import { formatSize } from "../format.js";
import { formatLabel, sortByFormat } from "../formats.js";
import { h, icon } from "./dom.js";

// `isCompact`: only the first one is shown until the user asks for the others.
export function downloads(artifacts, { isCompact = false } = {}) {
  const links = new Map(sortByFormat(artifacts).map((artifact) => [artifact.id, downloadLink(artifact)]));
  const items = [...links.values()].map((link) => h("li", {}, link));
  return {
    node: items.length ? (isCompact && items.length > 2 ? compactList(items) : tiles(items)) : null,
    // Signed URLs expire: replaces them by newer ones.
    update(recording) {
      for (const artifact of recording.artifacts) links.get(artifact.id)?.setAttribute("href", artifact.url);
    },
  };
}

const tiles = (items) => h("ul", { class: "downloads", "aria-label": "Downloads" }, items);

function compactList([first, ...others]) {
  const list = tiles(others);
  list.setAttribute("aria-label", "More downloads");
  return h("div", { class: "compact-downloads" }, tiles([first]), h("details", {}, h("summary", {}, "More formats"), list));
}

function downloadLink(artifact) {
  return h(
    "a",
    { class: artifact.format === "pdf" ? "download primary" : "download", href: artifact.url, download: artifact.filename },
    icon("download"),
    h("span", { class: "visually-hidden" }, "Download "),
    h("span", { class: "name" }, formatLabel(artifact.format)),
    " ",
    h("span", { class: "size" }, formatSize(artifact.size_bytes)),
  );
}
