// One recording: the player and the documents beside the transcript. Time links in documents lead here.

import * as api from "../api.js";
import { basePath } from "../base_path.js";
import { coalesce } from "../coalesce.js";
import { applyEvent, isActive } from "../job_state.js";
import { errorNote, h, icon, replaceContent } from "./dom.js";
import { jobStatus } from "./job_status.js";
import { markNoticesOf } from "./notice_bell.js";
import { player } from "./player.js";
import { hasFile, recordingDetails } from "./recording_card.js";
import { slideStrip } from "./slide_strip.js";
import { transcriptPanel } from "./transcript_panel.js";

export function recordingPage({ parameter: id, events }) {
  const status = jobStatus({
    cancel: (job) => runAction(() => api.cancelJob(job.id)),
    retry: (job) => runAction(() => api.retryJob(job.id)),
  });
  const layout = pageLayout(status.node);
  let recording = null;

  function update(updatedRecording) {
    recording = updatedRecording;
    layout.show(recording);
    status.update(recording);
  }

  const load = coalesce(async () => update(await api.getRecording(id)));

  async function refresh() {
    try {
      await load();
      replaceContent(layout.messages);
    } catch (error) {
      if (error.status === 404) {
        unsubscribe();
        layout.showNotFound();
      } else if (error.status !== 401) {
        // 401 needs no message: the app shows the sign-in form.
        replaceContent(layout.messages, errorNote(error));
      }
    }
  }

  function onEvent(event) {
    if (!recording || event.recording_id !== id) return;
    const updatedRecording = applyEvent(recording, event);
    // null: the event does not contain the new state, such as the documents of a finished job.
    if (updatedRecording === null) refresh();
    else update(updatedRecording);
  }

  async function runAction(action) {
    try {
      await action();
      await refresh();
    } catch (error) {
      replaceContent(layout.messages, errorNote(error));
    }
  }

  const unsubscribe = events.subscribe({ refresh, onEvent });
  return {
    node: layout.node,
    destroy() {
      unsubscribe();
      layout.destroy();
    },
  };
}

// The nodes of the page. The player is created when the recording is shown first and stays, so that playback is not interrupted.
function pageLayout(statusNode) {
  const playerContainer = h("div", {}, h("div", { class: "player-frame" }));
  const title = h("h1", { class: "watch-title", tabindex: -1 }, "\u00a0");
  const details = h("p", { class: "meta" }, "\u00a0");
  const messages = h("div", { class: "messages" });
  const backLink = h("a", { class: "back", href: `${basePath}/` }, icon("back"), h("span", {}, "All recordings"));
  const aside = h("aside", { class: "card watch-aside", "aria-label": "Documents" }, h("h2", {}, "Documents"), statusNode);
  const head = h("div", { class: "watch-head" }, title, details);
  const side = h("div", { class: "watch-side" }, playerContainer, aside);
  const node = h("div", { class: "watch" }, backLink, head, messages, side);
  let mediaPlayer = null;
  let slides = null;
  let transcript = null;
  let shownResult = ""; // the job and the documents whose slides and transcript are shown

  async function refreshContent(recordingId) {
    markNoticesOf(recordingId).catch(() => {}); // the next visit tries again
    const offsetS = await slides.load().catch(() => 0); // without slides, the transcript still serves
    await transcript.refresh(offsetS);
  }

  return {
    node,
    messages,
    show(recording) {
      document.title = `${recording.title} · Lectern`;
      title.textContent = recording.title;
      details.textContent = recordingDetails(recording);
      if (!hasFile(recording)) {
        replaceContent(playerContainer, h("p", { class: "note" }, "The recording can be played when its download has ended."));
      } else if (!mediaPlayer) {
        mediaPlayer = player(recording);
        slides = slideStrip(recording.id, mediaPlayer);
        replaceContent(playerContainer, mediaPlayer.node, slides.node);
        transcript = transcriptPanel(recording.id, mediaPlayer);
        node.append(transcript.node);
      }
      const { job, artifacts } = recording;
      if (!transcript || isActive(job)) return;
      const result = [job?.id, job?.state, ...artifacts.map((artifact) => artifact.id)].join();
      if (result !== shownResult) refreshContent(recording.id);
      shownResult = result;
    },
    showNotFound() {
      const text = h("p", {}, "This recording does not exist, or it belongs to another user.");
      replaceContent(node, backLink, h("section", { class: "card narrow", role: "alert" }, h("h1", {}, "Not found"), text));
    },
    destroy() {
      transcript?.destroy();
      slides?.destroy();
      mediaPlayer?.destroy();
    },
  };
}
