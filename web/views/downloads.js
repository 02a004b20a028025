// Download links of a recording's documents.

import * as api from "../api.js";
import { formatSize } from "../format.js";
import { formatLabel, sortByFormat } from "../formats.js";
import { t } from "../i18n.js";
import { h, icon } from "./dom.js";

const PREVIEWED_FORMATS = ["pdf", "html"];

// `isCompact`: only the first one is shown until the user asks for the others.
export function downloads(artifacts, { isCompact = false } = {}) {
  const links = new Map(sortByFormat(artifacts).map((artifact) => [artifact.id, downloadLink(artifact)]));
  const items = [...links.values()].map((link) => h("li", {}, link));
  const list = items.length ? (isCompact && items.length > 2 ? compactList(items) : tiles(items)) : null;
  return {
    node: isCompact ? list : h("div", { class: "stack" }, previewLinks(artifacts), list),
    // Signed URLs expire: replaces them by newer ones.
    update(recording) {
      for (const artifact of recording.artifacts) links.get(artifact.id)?.setAttribute("href", artifact.url);
    },
  };
}

const tiles = (items) => h("ul", { class: "downloads", "aria-label": t("Downloads") }, items);

function compactList([first, ...others]) {
  const list = tiles(others);
  list.setAttribute("aria-label", t("More downloads"));
  return h("div", { class: "compact-downloads" }, tiles([first]), h("details", {}, h("summary", {}, t("More formats")), list));
}

// Links that open a document in a tab of its own instead of saving it. They need no signature: the cookie of the session serves.
function previewLinks(artifacts) {
  const readable = sortByFormat(artifacts).filter((artifact) => PREVIEWED_FORMATS.includes(artifact.format));
  if (!readable.length) return null;
  const links = readable.map((artifact) =>
    h("a", { class: "button", href: `${api.artifactUrl(artifact)}?inline=true`, target: "_blank", rel: "noopener" }, icon("view"), h("span", {}, t("Read as {format}", { format: formatLabel(artifact.format) }))),
  );
  const zipLink = h("a", { class: "button", href: api.documentsZipUrl(artifacts[0].recording_id), download: "" }, icon("download"), h("span", {}, t("All as a zip file")));
  return h("div", { class: "row" }, links, zipLink);
}

function downloadLink(artifact) {
  return h(
    "a",
    { class: artifact.format === "pdf" ? "download primary" : "download", href: artifact.url, download: artifact.filename },
    icon("download"),
    h("span", { class: "visually-hidden" }, `${t("Download")} `),
    h("span", { class: "name" }, formatLabel(artifact.format)),
    " ",
    h("span", { class: "size" }, formatSize(artifact.size_bytes)),
  );
}
