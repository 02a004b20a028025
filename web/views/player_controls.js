// The controls of the player: time line, speed, captions, picture in picture, full screen, notes, links, and keys.

import { formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { SEEK_OFFSET_S } from "../slides.js";
import { showCitation } from "./citation_dialog.js";
import { announce, h } from "./dom.js";
import { controlButton, optional, setIcon } from "./player_buttons.js";
import { playerCaptions } from "./player_captions.js";
import { playerKeys } from "./player_keys.js";
import { copyMomentLink, momentLinkButton } from "./player_links.js";
import { readPreferences } from "./player_preferences.js";
import { settingsMenu } from "./player_settings.js";
import { playerSpeed } from "./player_speed.js";
import { playerTimeline } from "./player_timeline.js";

const SKIP_S = 10;

// `player`: see player.js.
export function playerControls(player, recording) {
  const { media } = player;
  const preferences = readPreferences();
  const timeline = playerTimeline(player, recording);
  const speed = playerSpeed(media, preferences);
  const captions = playerCaptions(media, preferences);
  const slides = slideMarks(player, timeline);
  let addBookmark = () => {};
  let find = () => {};
  const buttons = controlButtons(player, recording, captions, () => addBookmark());
  const keys = playerKeys({
    togglePlayback: player.togglePlayback,
    skip: player.skip,
    seekToShare: (share) => player.seek(share * player.durationS(), !media.paused),
    changeSpeed: speed.change,
    stepMark: slides.step,
    toggleMute: () => buttons.mute.click(),
    toggleCaptions: () => buttons.captions?.click(),
    toggleFullscreen: () => buttons.fullscreen && buttons.fullscreen.click(),
    addBookmark: () => buttons.bookmark.click(),
    find: () => find(),
  });
  const moment = { copyLink: () => copyMomentLink(recording.id, media), cite: () => showCitation(recording.id, media.currentTime) };
  const settings = settingsMenu(preferences, { hasCaptions: captions.isAvailable, apply: captions.apply, showKeys: keys.showHelp, moment });
  const now = h("span", {});
  const duration = h("span", { class: "player-duration" });
  const node = h(
    "div",
    { class: "player-controls", role: "group", "aria-label": t("Player") },
    timeline.node,
    h(
      "div",
      { class: "player-buttons" },
      buttons.play,
      controlButton("back10", t("Back 10 seconds"), () => player.skip(-SKIP_S)),
      controlButton("forward10", t("Forward 10 seconds"), () => player.skip(SKIP_S)),
      h("span", { class: "player-time" }, now, duration),
      h("span", { class: "player-space" }),
      speed.node,
      buttons.mute,
      buttons.captions,
      buttons.bookmark,
      buttons.link,
      buttons.cite,
      settings.button,
      buttons.picture,
      buttons.fullscreen,
    ),
    settings.menu,
  );

  function showTime() {
    const [timeS, durationS] = [media.currentTime, player.durationS()];
    timeline.showTime(timeS, durationS);
    now.textContent = formatDuration(timeS);
    duration.textContent = ` / ${formatDuration(durationS)}`;
    if (preferences.describesSlides) slides.describe(timeS);
  }

  for (const event of ["loadedmetadata", "durationchange", "seeked"]) media.addEventListener(event, showTime);
  const stopTime = player.onTime(showTime);
  captions.apply();
  showTime();

  return {
    node,
    setMarks: slides.set,
    setBookmarks: timeline.setBookmarks,
    onBookmark: (add) => (addBookmark = add),
    onFind: (action) => (find = action),
    destroy() {
      stopTime();
      keys.destroy();
    },
  };
}

// The buttons that stand for themselves, by name; undefined or false for what this browser or recording can't do.
function controlButtons(player, recording, captions, addBookmark) {
  const { media } = player;
  const play = controlButton("play", t("Play"), player.togglePlayback);
  const mute = optional(controlButton("volume", t("Mute"), () => (media.muted = !media.muted)));

  function showState() {
    setIcon(play, media.paused ? "play" : "pause", media.paused ? t("Play") : t("Pause"));
    setIcon(mute, media.muted ? "muted" : "volume", media.muted ? t("Unmute") : t("Mute"));
  }

  function togglePicture() {
    const change = document.pictureInPictureElement ? document.exitPictureInPicture() : media.requestPictureInPicture();
    change.catch(() => {}); // the browser refuses it without metadata or a click
  }

  function toggleFullscreen() {
    const change = document.fullscreenElement ? document.exitFullscreen() : player.node.requestFullscreen();
    change.catch(() => {});
  }

  for (const event of ["play", "pause", "ended", "volumechange"]) media.addEventListener(event, showState);
  showState();
  return {
    play,
    mute,
    captions: captions.button,
    bookmark: controlButton("bookmark", t("Add a note here"), addBookmark),
    link: optional(momentLinkButton(recording.id, media)),
    cite: optional(controlButton("quote", t("Cite this moment"), () => showCitation(recording.id, media.currentTime))),
    picture: optional(document.pictureInPictureEnabled && player.isVideo && controlButton("picture", t("Picture in picture"), togglePicture)),
    fullscreen: player.isVideo && document.fullscreenEnabled && controlButton("fullscreen", t("Full screen"), toggleFullscreen),
  };
}

// The times at which slides are shown: as marks, as steps of the keys, and as text for screen readers.
function slideMarks(player, timeline) {
  let slides = [];
  let described = null;
  return {
    set(visits) {
      slides = visits;
      timeline.setSlides(visits);
    },
    // To the slide after (1) or before (-1) this moment.
    step(direction) {
      const { media } = player;
      const timeS = media.currentTime;
      const target = direction > 0 ? slides.find((slide) => slide.start_s > timeS + 0.1) : slides.findLast((slide) => slide.start_s < timeS - 2);
      if (target) player.seek(target.start_s + SEEK_OFFSET_S, !media.paused);
    },
    describe(timeS) {
      const slide = slides.findLast((each) => each.start_s <= timeS + 0.05) ?? null;
      if (slide === described) return;
      described = slide;
      if (slide) announce(t("Slide: {text}", { text: slide.text || slide.title }));
    },
  };
}
