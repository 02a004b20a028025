// The recording itself, from the second that the address names.

import * as api from "../api.js";
import { h } from "./dom.js";

// `#t=95`, `#t=1:35`, `#t=1:02:03` -> seconds, or null.
export function secondOf(hash) {
  const given = hash.match(/^#t=([\d.:]+)/);
  const seconds = given && given[1].split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Number.isFinite(seconds) ? seconds : null;
}

export function player(recording) {
  const source = api.mediaUrl(recording.id);
  const media = h(recording.media.video ? "video" : "audio", { controls: true, preload: "metadata", playsinline: true, "aria-label": recording.title });
  const said = h("div", { class: "said" });
  const node = h("div", { class: recording.media.video ? "screen" : "screen sound" }, media);
  const subtitles = recording.artifacts.find((made) => made.format === "vtt");
  if (subtitles && recording.media.video) {
    media.append(h("track", { kind: "subtitles", label: "Subtitles", src: api.contentUrl(subtitles), srclang: recording.language || "und" }));
  }
  let wanted = secondOf(location.hash);
  let renewed = false;

  function seek() {
    if (wanted === null || media.readyState < HTMLMediaElement.HAVE_METADATA) return;
    media.currentTime = Math.min(wanted, media.duration || wanted);
    wanted = null;
    media.play().catch(() => {}); // browsers may insist on a click
  }

  function follow() {
    wanted = secondOf(location.hash);
    seek();
  }

  // An access token that has run out stops the player too; renewed once, it goes on where it was.
  async function stumble() {
    if (renewed) return explain();
    renewed = true;
    const reached = media.currentTime || wanted;
    try {
      await api.me();
      wanted = reached;
      media.src = source;
    } catch (error) {
      if (error.status !== 401) explain();
    }
  }

  function explain() {
    const link = h("a", { href: source, download: recording.filename }, "Download the recording");
    said.replaceChildren(h("div", { class: "note note-warn", role: "alert" }, h("p", {}, "Your browser can't play this kind of file. "), link));
  }

  media.addEventListener("loadedmetadata", seek);
  media.addEventListener("playing", () => (renewed = false));
  media.addEventListener("error", stumble);
  window.addEventListener("hashchange", follow);
  media.src = source;
  return {
    node: h("div", { class: "player" }, node, said),
    destroy() {
      window.removeEventListener("hashchange", follow);
      media.removeEventListener("error", stumble);
      media.removeAttribute("src");
      media.load();
    },
  };
}
