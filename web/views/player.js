// The player of a recording: the media element, its captions and its controls. It starts at the time in the address.

import * as api from "../api.js";
import { t } from "../i18n.js";
import { parseMoment } from "../time_links.js";
import { h, replaceContent } from "./dom.js";
import { playerControls } from "./player_controls.js";

const TIME_EVENTS = ["timeupdate", "seeked", "playing"];
const FRAME_MS = 100; // `timeupdate` comes four times a second only, which is too slow for words

export function player(recording) {
  const source = api.mediaUrl(recording.id);
  const isVideo = Boolean(recording.media.video);
  const poster = isVideo && recording.has_poster && api.posterUrl(recording.id);
  const media = h(isVideo ? "video" : "audio", { poster, preload: "metadata", playsinline: true, "aria-label": recording.title });
  const messages = h("div", { class: "messages" });
  const node = h("div", { class: isVideo ? "player" : "player audio" });
  const listeners = new Set();
  const subtitles = recording.artifacts.find((artifact) => artifact.format === "vtt");
  if (subtitles && isVideo) {
    media.append(h("track", { kind: "subtitles", label: t("Captions"), src: api.artifactUrl(subtitles), srclang: recording.language || "und" }));
  }
  let pendingTimeS = parseMoment(location).timeS;
  let playsAfterSeek = pendingTimeS !== null;
  let hasRetried = false;
  let frameTimer = 0;
  let descriptions = null;

  function seek() {
    if (pendingTimeS === null || media.readyState < HTMLMediaElement.HAVE_METADATA) return;
    media.currentTime = Math.min(pendingTimeS, media.duration || pendingTimeS);
    pendingTimeS = null;
    if (playsAfterSeek) media.play().catch(() => {}); // browsers may require a click first
  }

  function seekTo(timeS, plays = true) {
    pendingTimeS = Math.max(0, timeS);
    playsAfterSeek = plays;
    seek();
  }

  function followAddress() {
    const { timeS } = parseMoment(location);
    if (timeS !== null) seekTo(timeS);
  }

  // An expired access token stops the player: refresh it once and continue at the same time.
  async function handleError() {
    if (hasRetried) return showUnplayable();
    hasRetried = true;
    const timeS = media.currentTime || pendingTimeS;
    try {
      await api.getCurrentUser();
      pendingTimeS = timeS;
      media.src = source;
    } catch (error) {
      if (error.status !== 401) showUnplayable();
    }
  }

  function showUnplayable() {
    const link = h("a", { href: source, download: "" }, t("Download the recording"));
    replaceContent(messages, h("div", { class: "note note-warning", role: "alert" }, h("p", {}, t("Your browser can't play this file.")), link));
  }

  const report = () => listeners.forEach((listener) => listener(media.currentTime));
  const startFrames = () => {
    clearInterval(frameTimer);
    frameTimer = setInterval(report, FRAME_MS);
  };
  const stopFrames = () => clearInterval(frameTimer);
  const togglePlayback = () => (media.paused ? media.play().catch(() => {}) : media.pause());

  const view = {
    node,
    media,
    isVideo,
    togglePlayback,
    isPaused: () => media.paused,
    pause: () => media.pause(),
    timeS: () => media.currentTime,
    durationS: () => media.duration || recording.duration_s,
    seek: seekTo,
    // Go `stepS` seconds on or, if negative, back; playback stays as it is.
    skip: (stepS) => seekTo(Math.min(media.currentTime + stepS, view.durationS()), !media.paused),
    // Play on from `rewindS` seconds before.
    resume(rewindS) {
      media.currentTime = Math.max(0, media.currentTime - rewindS);
      media.play().catch(() => {});
    },
    // Call listener(timeS) as playback goes on and after each jump. Return a function that stops it.
    onTime(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    // Go to the time where the user has stopped, unless the address names another or they have begun to play.
    offerPosition(timeS) {
      const { timeS: addressedS, slide } = parseMoment(location);
      if (timeS > 0 && addressedS === null && slide === null && !media.played.length && !media.currentTime) seekTo(timeS, false);
    },
    // `add()` marks the moment that is shown.
    onBookmark: (add) => controls.onBookmark(add),
    // `action()` leads to the search in the transcript.
    onFind: (action) => controls.onFind(action),
    setBookmarks: (times) => controls.setBookmarks(times),
    // `visits`: { start_s, end_s, title, text } of slides in the order of time. They become marks of the time line and a description track.
    setSlides(visits) {
      controls.setMarks(visits);
      if (!isVideo) return;
      descriptions ??= media.addTextTrack("descriptions", t("Slides"), recording.language || "und");
      descriptions.mode = "hidden";
      for (const cue of [...(descriptions.cues ?? [])]) descriptions.removeCue(cue);
      for (const { start_s: start, end_s: end, title, text } of visits) {
        if (end > start) descriptions.addCue(new VTTCue(start, end, text || title));
      }
    },
    destroy() {
      stopFrames();
      controls.destroy();
      window.removeEventListener("hashchange", followAddress);
      media.removeEventListener("error", handleError);
      media.removeAttribute("src");
      media.load();
    },
  };
  const controls = playerControls(view, recording);

  for (const event of TIME_EVENTS) media.addEventListener(event, report);
  media.addEventListener("playing", startFrames);
  media.addEventListener("pause", stopFrames);
  media.addEventListener("ended", stopFrames);
  media.addEventListener("loadedmetadata", seek);
  media.addEventListener("playing", () => (hasRetried = false));
  media.addEventListener("error", handleError);
  media.addEventListener("click", togglePlayback);
  window.addEventListener("hashchange", followAddress);
  node.append(h("div", { class: "player-frame" }, media), controls.node, messages);
  media.src = source;
  return view;
}
