// Names of states, stages and events as the page shows them.

import { t, tn } from "../i18n.js";

export const STATE_LABELS = {
  queued: t("Waiting"),
  running: t("Running"),
  cancelling: t("Cancelling"),
  succeeded: t("Ready"),
  failed: t("Failed"),
  cancelled: t("Cancelled"),
};

// Kinds of a job's events: its states, and what happens in between.
export const EVENT_LABELS = {
  ...STATE_LABELS,
  stage: t("Stage"),
  retrying: t("Trying again"),
  requeued: t("Waiting again"),
  script_ready: t("Script ready"),
};

export const VISIBILITY_LABELS = { PRIVATE: t("Only you"), UNLISTED: t("Everybody with the link"), PUBLIC: t("Everybody") };

export const BATCH_STATE_LABELS = { listing: t("Reading the list"), running: t("Running"), completed: t("Finished"), failed: t("Failed"), cancelled: t("Cancelled") };

export const BATCH_ITEM_LABELS = {
  waiting: t("Waiting"),
  queued: t("Waiting"),
  downloading: t("Downloading"),
  converting: t("Converting"),
  completed: t("Ready"),
  known: t("In your library already"),
  failed: t("Failed"),
  cancelled: t("Cancelled"),
  deleted: t("Deleted"),
};

// By the name of the pipeline.
export const JOB_LABELS = {
  lecture_notes: t("Documents of a recording"),
  document_rendering: t("Documents after an edit"),
  transcript_proofreading: t("Proofreading"),
  link_import: t("Download of a link"),
  link_listing: t("Contents of a link"),
  streaming: t("Stream for players"),
  script_writing: t("Scripts of a lesson"),
  lesson: t("Video of a lesson"),
  voice_over: t("Voice of a script"),
  podcast_video: t("Video of a podcast"),
  youtube_publishing: t("Publication on YouTube"),
};

const STAGE_LABELS = {
  download: t("Downloading the recording"),
  list: t("Listing the recordings"),
  remux: t("Preparing the recording"),
  probe: t("Reading the recording"),
  audio: t("Extracting the audio"),
  speech: t("Transcribing the speech"),
  subtitles: t("Reading the subtitles"),
  proofread: t("Proofreading the transcript"),
  proofread_waiting: t("Proofreading the transcript"),
  slides: t("Detecting the slides"),
  ocr: t("Reading the slides"),
  own_text: t("Aligning your text"),
  notes: t("Matching words to slides"),
  voice: t("Speaking the narration"),
  pictures: t("Preparing the pictures"),
  scenes: t("Drawing the scenes"),
  video: t("Joining the scenes"),
  check: t("Checking the video"),
  lesson_slides: t("Collecting the slides"),
  write: t("Writing the script"),
  deck: t("Reading the deck"),
  deck_matches: t("Matching the deck to the slides"),
  edited_archive: t("Keeping the corrected slides"),
  announce: t("Preparing the stream"),
  loudness: t("Measuring the loudness"),
  streams: t("Encoding the stream"),
  sound: t("Joining the speech"),
  cover: t("Drawing the cover"),
  youtube_session: t("Opening YouTube"),
  youtube_upload: t("Uploading to YouTube"),
  youtube_extras: t("Adding captions and picture"),
};

// Labels of the running stages: "slides + speech" -> "Detecting the slides · Transcribing the speech"
export function stageLabel(stage) {
  const labels = stage
    .split(" + ")
    .filter(Boolean)
    .map((name) => (name.startsWith("document") ? t("Writing the documents") : STAGE_LABELS[name] ?? name.replaceAll("_", " ")));
  return [...new Set(labels)].join(" · ") || t("Starting");
}

export function resultCounts({ slides, words }) {
  return [slides && tn("{count} slide", "{count} slides", slides), words && tn("{count} word", "{count} words", words)].filter(Boolean).join(" · ");
}
