// Names of states and stages as the page shows them.

import { formatCount } from "../format.js";

export const STATE_LABELS = {
  queued: "Waiting",
  running: "Running",
  cancelling: "Cancelling",
  succeeded: "Ready",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const BATCH_STATE_LABELS = { listing: "Reading the list", running: "Running", completed: "Finished", failed: "Failed", cancelled: "Cancelled" };

export const BATCH_ITEM_LABELS = {
  waiting: "Waiting",
  queued: "Waiting",
  downloading: "Downloading",
  converting: "Converting",
  completed: "Ready",
  known: "In your library already",
  failed: "Failed",
  cancelled: "Cancelled",
  deleted: "Deleted",
};

const STAGE_LABELS = {
  download: "Downloading the recording",
  list: "Listing the recordings",
  remux: "Preparing the recording",
  probe: "Reading the recording",
  audio: "Extracting the audio",
  speech: "Transcribing the speech",
  subtitles: "Reading the subtitles",
  proofread: "Proofreading the transcript",
  slides: "Detecting the slides",
  ocr: "Reading the slides",
  own_text: "Aligning the own text",
  notes: "Matching words to slides",
};

// Labels of the running stages: "slides + speech" -> "Detecting the slides · Transcribing the speech"
export function stageLabel(stage) {
  const labels = stage
    .split(" + ")
    .filter(Boolean)
    .map((name) => (name.startsWith("document") ? "Writing the documents" : STAGE_LABELS[name] ?? name.replaceAll("_", " ")));
  return [...new Set(labels)].join(" · ") || "Starting";
}

export function resultCounts({ slides, words }) {
  return [slides && formatCount(slides, "slide"), words && formatCount(words, "word")].filter(Boolean).join(" · ");
}
