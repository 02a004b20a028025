// A recording of another user that is open to the viewer: it can be watched and read, not changed.

import { cueTranscript } from "../cue_transcript.js";
import { formatDate, formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { keepPosition, loadPosition } from "../playback_position.js";
import { crossOriginOf, renewingMedia } from "../renewing_media.js";
import { parseMoment } from "../time_links.js";
import { getPlayback, getVideo } from "../videos_api.js";
import { chapterList } from "./chapter_list.js";
import { errorNote, h, replaceContent } from "./dom.js";

const FINAL_STATUSES = [401, 403, 404];

// Return a promise of { nodes, title, destroy() }; it rejects if the viewer may not watch the recording.
export async function viewerPage(id) {
  const video = await getVideo(id);
  const [playback, positionS] = await Promise.all([getPlayback(id), loadPosition(id)]);
  const isVideo = video.kind === "video";
  const track = playback.captions && h("track", { kind: "captions", label: t("Captions"), src: playback.captions, srclang: video.language || "und" });
  const crossorigin = crossOriginOf(playback.captions) || undefined;
  const media = h(isVideo ? "video" : "audio", { class: "viewer-media", controls: true, crossorigin, preload: "metadata", playsinline: true, poster: playback.poster || undefined, "aria-label": video.title }, track);
  const messages = h("div", { class: "messages" });
  const details = [t("by {name}", { name: video.owner }), formatDate(video.created_at), formatDuration(video.duration_s)].join(" · ");
  const about = video.description && h("p", { class: "watch-description" }, video.description);
  const head = h("div", { class: "watch-head" }, h("h1", { class: "watch-title", tabindex: -1 }, video.title), h("p", { class: "meta" }, details), about);
  const chapters = chapterList({ seek, onTime });
  chapters.show(video.chapters);
  const transcript = track && cueTranscript(media, track);
  const empty = !transcript && h("p", { class: "empty-state" }, t("This recording has no transcript."));
  const text = h("div", { class: "card reader" }, h("h2", {}, t("Transcript")), transcript?.node ?? empty);
  const contents = video.chapters.length > 0 && h("section", { class: "card", "aria-label": t("Chapters") }, h("h2", {}, t("Chapters")), chapters.node);
  const renewing = renewingMedia(media, {
    load: () => getPlayback(id),
    isFinal: (error) => FINAL_STATUSES.includes(error.status),
    onFailure: (error) => error.status !== 401 && replaceContent(messages, errorNote(error)),
    onRenewed: () => replaceContent(messages),
  });

  function seek(timeS) {
    media.currentTime = timeS;
    media.play().catch(() => {}); // the browser may require a click first
  }

  function onTime(listener) {
    const call = () => listener(media.currentTime);
    media.addEventListener("timeupdate", call);
    return () => media.removeEventListener("timeupdate", call);
  }

  const { timeS } = parseMoment(location);
  renewing.show(playback, timeS ?? positionS);
  const stopPosition = keepPosition(id, { media });
  return {
    title: video.title,
    nodes: [head, messages, h("div", { class: "watch-side" }, h("div", { class: "watch-player" }, media), contents), text],
    destroy() {
      stopPosition();
      chapters.destroy();
      transcript?.destroy();
      renewing.destroy();
    },
  };
}
