// One recording: the player and the documents beside the transcript. Time links in documents lead here.

import * as api from "../api.js";
import { basePath } from "../base_path.js";
import { coalesce } from "../coalesce.js";
import { t } from "../i18n.js";
import { applyEvent, isActive } from "../job_state.js";
import { keepPosition, loadPosition } from "../playback_position.js";
import { getSlideEdits, renderSlideEdits } from "../slide_edits_api.js";
import { loadSlides, slideStart, slideTitle, visitsOf } from "../slides.js";
import { parseMoment } from "../time_links.js";
import { Transcript } from "../transcript.js";
import { bookmarkList } from "./bookmark_list.js";
import { chapterList } from "./chapter_list.js";
import { button, errorNote, h, icon, replaceContent } from "./dom.js";
import { jobStatus } from "./job_status.js";
import { markNoticesOf } from "./notice_bell.js";
import { outdatedDocuments } from "./outdated_documents.js";
import { player } from "./player.js";
import { publishDialog } from "./publish_dialog.js";
import { hasFile, recordingDetails } from "./recording_card.js";
import { shareDialog } from "./share_dialog.js";
import { slideReader } from "./slide_reader.js";
import { slideStrip } from "./slide_strip.js";
import { tabs } from "./tabs.js";
import { transcriptPanel } from "./transcript_panel.js";

export function recordingPage({ parameter: id, events }) {
  const status = jobStatus({
    cancel: (job) => runAction(() => api.cancelJob(job.id)),
    retry: (job) => runAction(() => api.retryJob(job.id)),
  });
  const layout = pageLayout(status.node, (recording) => publishDialog(recording, events));
  let recording = null;
  let viewer = null;

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
        await showForViewer();
      } else if (error.status !== 401) {
        // 401 needs no message: the app shows the sign-in form.
        replaceContent(layout.messages, errorNote(error));
      }
    }
  }

  // It may belong to another user who lets others watch it.
  async function showForViewer() {
    const { viewerPage } = await import("./viewer_page.js");
    try {
      viewer = await viewerPage(id);
      layout.showViewer(viewer);
    } catch (error) {
      if (error.status === 404) layout.showNotFound();
      else if (error.status !== 401) replaceContent(layout.messages, errorNote(error));
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

  if (new URLSearchParams(location.search).has("bench")) import("./typing_bench.js").then(({ showTypingBench }) => showTypingBench());
  const unsubscribe = events.subscribe({ refresh, onEvent });
  return {
    node: layout.node,
    destroy() {
      unsubscribe();
      layout.destroy();
      viewer?.destroy();
    },
  };
}

// The nodes of the page. The player is created when the recording is shown first and stays, so that playback is not interrupted.
// `publish(recording)` opens the dialog of an upload to YouTube.
function pageLayout(statusNode, publish) {
  const playerContainer = h("div", { class: "watch-player" }, h("div", { class: "player-frame" }));
  const stripContainer = h("div", {});
  const title = h("h1", { class: "watch-title", tabindex: -1 }, "\u00a0");
  const details = h("p", { class: "meta" }, "\u00a0");
  const description = h("p", { class: "watch-description", hidden: true });
  const messages = h("div", { class: "messages" });
  const backLink = h("a", { class: "back", href: `${basePath}/` }, icon("back"), h("span", {}, t("All recordings")));
  const notice = h("div", {});
  const tools = h("div", { class: "row" });
  const aside = h("aside", { class: "card watch-aside", "aria-label": t("Documents") }, h("h2", {}, t("Documents")), notice, statusNode);
  const head = h("div", { class: "watch-head" }, title, details, description, tools);
  const side = h("div", { class: "watch-side" }, playerContainer, stripContainer, aside);
  const node = h("div", { class: "watch" }, backLink, head, messages, side);
  let mediaPlayer = null;
  let content = null;
  let shownResult = ""; // the job and the documents whose slides and transcript are shown

  return {
    node,
    messages,
    show(recording) {
      document.title = `${recording.title} · Lectern`;
      title.textContent = recording.title;
      details.textContent = recordingDetails(recording);
      description.textContent = recording.description;
      description.hidden = !recording.description;
      replaceContent(tools, hasFile(recording) && button(t("Share"), { iconName: "link", variant: "quiet", on: { click: () => shareDialog(recording) } }), hasFile(recording) && recording.media?.video && button(t("Publish on YouTube"), { iconName: "upload", variant: "quiet", on: { click: () => publish(recording) } }));
      if (!hasFile(recording)) {
        replaceContent(playerContainer, h("p", { class: "note" }, t("The recording can be played when its download has ended.")));
      } else if (!mediaPlayer) {
        mediaPlayer = player(recording);
        content = readerCard(recording, mediaPlayer);
        replaceContent(playerContainer, mediaPlayer.node);
        replaceContent(stripContainer, content.stripNode);
        replaceContent(notice, content.noticeNode);
        node.append(content.node);
      }
      const { job, artifacts } = recording;
      if (!content || isActive(job)) return;
      const result = [job?.id, job?.state, ...artifacts.map((artifact) => artifact.id)].join();
      if (result !== shownResult) content.refresh(job?.state);
      shownResult = result;
    },
    showViewer(viewer) {
      document.title = `${viewer.title} · Lectern`;
      replaceContent(node, backLink, viewer.nodes);
    },
    showNotFound() {
      const text = h("p", {}, t("This recording does not exist, or its owner has not shared it with you."));
      replaceContent(node, backLink, h("section", { class: "card narrow", role: "alert" }, h("h1", {}, t("This recording can't be opened")), text));
    },
    destroy() {
      content?.destroy();
      mediaPlayer?.destroy();
    },
  };
}

// What can be read beside the player, in tabs: the transcript, the slides with their words, the chapters, the user's notes.
function readerCard(recording, mediaPlayer) {
  const text = new Transcript(recording.id);
  const documents = outdatedDocuments({ words: () => transcript.afterEdits(() => text.renderDocuments()), slides: () => renderSlideEdits(recording.id) });
  const transcript = transcriptPanel(text, mediaPlayer, documents);
  const strip = slideStrip(mediaPlayer);
  const reader = slideReader(recording.id, mediaPlayer, text, documents);
  const bookmarks = bookmarkList(recording.id, mediaPlayer, { showPanel: () => tabList.select("notes") });
  const chapters = chapterList(mediaPlayer);
  chapters.show(recording.chapters);
  const tabList = tabs(t("Contents"), {
    transcript: { label: t("Transcript"), node: transcript.node },
    slides: { label: t("Slides"), node: reader.node, show: reader.show },
    chapters: { label: t("Chapters"), node: chapters.node },
    notes: { label: t("Notes"), node: bookmarks.node },
  });
  tabList.setVisible("slides", false);
  tabList.setVisible("chapters", recording.chapters.length > 0);
  mediaPlayer.onBookmark(bookmarks.add);
  mediaPlayer.onFind(() => {
    tabList.select("transcript");
    transcript.find();
  });
  loadPosition(recording.id).then((timeS) => mediaPlayer.offerPosition(timeS));
  const stopPosition = keepPosition(recording.id, mediaPlayer);
  let pendingSlide = parseMoment(location).slide;

  async function refresh(jobState) {
    markNoticesOf(recording.id).catch(() => {}); // the next visit tries again
    const { slides, offsetS } = await loadSlides(recording.id).catch(() => ({ slides: [], offsetS: 0 })); // without slides, the transcript still serves
    strip.show(slides);
    mediaPlayer.setSlides(visitsOf(slides).map(({ slide, start_s, end_s }) => ({ start_s, end_s, title: slideTitle(slide), text: slide.text })));
    tabList.setVisible("slides", slides.length > 0);
    await transcript.refresh(offsetS);
    reader.setSlides(slides, offsetS);
    showPendingSlide(slides);
    if (slides.length) await getSlideEdits(recording.id).then((edits) => documents.set("slides", edits.documents_are_current)).catch(() => {}); // the editor says it too
    documents.finish(jobState === "succeeded");
  }

  // Lead to the slide that the address names.
  function showPendingSlide(slides) {
    const slide = slides.find((each) => each.number === pendingSlide);
    if (!slide) return;
    pendingSlide = null;
    if (parseMoment(location).timeS === null) mediaPlayer.seek(slideStart(slide), false);
    tabList.select("slides");
    reader.reveal(slide.number);
  }

  async function followAddress() {
    pendingSlide = parseMoment(location).slide;
    if (pendingSlide !== null) showPendingSlide((await loadSlides(recording.id)).slides);
  }

  window.addEventListener("hashchange", followAddress);
  return {
    node: h("section", { class: "card reader", "aria-label": t("Contents") }, tabList.node, transcript.node, reader.node, chapters.node, bookmarks.node),
    stripNode: strip.node,
    noticeNode: documents.note().node,
    refresh,
    destroy() {
      window.removeEventListener("hashchange", followAddress);
      transcript.destroy();
      strip.destroy();
      reader.destroy();
      chapters.destroy();
      bookmarks.destroy();
      stopPosition();
    },
  };
}
