// The player of a recording. It starts at the time in the address (#t=).

import * as api from "../api.js";
import { h, replaceContent } from "./dom.js";

const TIME_EVENTS = ["timeupdate", "seeked", "playing"];

// "#t=95", "#t=1:35" or "#t=1:02:03" -> seconds, or null.
export function parseTimeHash(hash) {
  const match = hash.match(/^#t=([\d.:]+)/);
  const timeS = match && match[1].split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number.isFinite(timeS) ? timeS : null;
}

export function player(recording) {
  const source = api.mediaUrl(recording.id);
  const isVideo = Boolean(recording.media.video);
  const poster = isVideo && recording.has_poster && api.posterUrl(recording.id);
  const media = h(isVideo ? "video" : "audio", { poster, controls: true, preload: "metadata", playsinline: true, "aria-label": recording.title });
  const messages = h("div", { class: "messages" });
  const frame = h("div", { class: isVideo ? "player-frame" : "player-frame audio" }, media);
  const subtitles = recording.artifacts.find((artifact) => artifact.format === "vtt");
  if (subtitles && isVideo) {
    media.append(h("track", { kind: "subtitles", label: "Subtitles", src: api.artifactUrl(subtitles), srclang: recording.language || "und" }));
  }
  let pendingTimeS = parseTimeHash(location.hash);
  let hasRetried = false;

  function seek() {
    if (pendingTimeS === null || media.readyState < HTMLMediaElement.HAVE_METADATA) return;
    media.currentTime = Math.min(pendingTimeS, media.duration || pendingTimeS);
    pendingTimeS = null;
    media.play().catch(() => {}); // browsers may require a click first
  }

  function seekToHash() {
    pendingTimeS = parseTimeHash(location.hash);
    seek();
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
    const link = h("a", { href: source, download: "" }, "Download the recording");
    replaceContent(messages, h("div", { class: "note note-warning", role: "alert" }, h("p", {}, "Your browser can't play this file. "), link));
  }

  media.addEventListener("loadedmetadata", seek);
  media.addEventListener("playing", () => (hasRetried = false));
  media.addEventListener("error", handleError);
  window.addEventListener("hashchange", seekToHash);
  media.src = source;
  return {
    node: h("div", { class: "player" }, frame, messages),
    isPaused: () => media.paused,
    pause: () => media.pause(),
    seek(timeS) {
      pendingTimeS = timeS;
      seek();
    },
    // Play on from `rewindS` seconds before.
    resume(rewindS) {
      media.currentTime = Math.max(0, media.currentTime - rewindS);
      media.play().catch(() => {});
    },
    // Call listener(timeS) as playback goes on and after each jump. Return a function that stops it.
    onTime(listener) {
      const report = () => listener(media.currentTime);
      for (const event of TIME_EVENTS) media.addEventListener(event, report);
      return () => {
        for (const event of TIME_EVENTS) media.removeEventListener(event, report);
      };
    },
    destroy() {
      window.removeEventListener("hashchange", seekToHash);
      media.removeEventListener("error", handleError);
      media.removeAttribute("src");
      media.load();
    },
  };
}
