// Download links of a recording's documents.

import * as api from "../api.js";
import { formatSize } from "../format.js";
import { formatLabel, sortByFormat } from "../formats.js";
import { t } from "../i18n.js";
import { h, icon } from "./dom.js";

const PREVIEWED_FORMATS = ["pdf", "html"];

// `isCompact`: only the first one is shown until the user asks for the others.
export function downloads(artifacts, { isCompact = false } = {}) {
  const links = new Map(); // by the id of the artifact
  let current = sortByFormat(artifacts);
  const tiles = (files, label) => h("ul", { class: "downloads", "aria-label": label }, files.map(tile));

  function tile(artifact) {
    links.set(artifact.id, downloadLink(artifact));
    return h("li", {}, links.get(artifact.id));
  }

  // The others are built when they are opened first: a library has thousands of them.
  function compactList() {
    const others = h("details", {}, h("summary", {}, t("More formats")));
    others.addEventListener("toggle", () => others.append(tiles(current.slice(1), t("More downloads"))), { once: true });
    return h("div", { class: "compact-downloads" }, tiles(current.slice(0, 1), t("Downloads")), others);
  }

  const list = current.length > 0 && (isCompact && current.length > 2 ? compactList() : tiles(current, t("Downloads")));
  return {
    node: isCompact ? list : h("div", { class: "stack" }, previewLinks(artifacts), list),
    // Signed URLs expire: replaces them by newer ones.
    update(recording) {
      current = sortByFormat(recording.artifacts);
      for (const artifact of current) links.get(artifact.id)?.setAttribute("href", artifact.url);
    },
  };
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
