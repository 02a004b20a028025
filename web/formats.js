// The document formats of the server: their labels and their order.

import { listFormats } from "./api.js";
import { t } from "./i18n.js";

let labels = new Map();

// Loads the formats once. Without them the page shows the names of the formats.
export async function loadFormats() {
  if (labels.size) return;
  const formats = await listFormats().catch(() => []);
  labels = new Map(formats.map((format) => [format.name, format.label]));
}

export const formatNames = () => [...labels.keys()];

// The labels of the built-in formats are texts of the page; others come from the server.
const LABELS = {
  md: t("Markdown with pictures"),
  txt: t("Text"),
  srt: t("Subtitles (SubRip)"),
  vtt: t("Subtitles (WebVTT)"),
  html: t("Web page"),
  descriptions: t("Descriptions (WebVTT)"),
  accessibility: t("Accessibility report"),
  sheet: t("Slides on one sheet"),
  anki: t("Anki deck"),
};

export const formatLabel = (name) => LABELS[name] ?? labels.get(name) ?? name.toUpperCase();

// Unknown formats come last.
export function sortByFormat(artifacts) {
  const names = [...labels.keys()];
  const rank = ({ format }) => (labels.has(format) ? names.indexOf(format) : names.length);
  return [...artifacts].sort((one, other) => rank(one) - rank(other));
}
