// The controls of the player: time line with marks of the slides, speed, captions, picture in picture, full screen, and keys.

import * as api from "../api.js";
import { formatDuration, wholeSeconds } from "../format.js";
import { locale, t } from "../i18n.js";
import { FRAME_S } from "../slides.js";
import { showCitation } from "./citation_dialog.js";
import { announce, h, icon } from "./dom.js";
import { playerKeys } from "./player_keys.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const SKIP_S = 10;
const PREFERENCES_KEY = "lectern.player";
const DEFAULT_PREFERENCES = { speed: 1, captions: false, captionSize: "normal", captionPlace: "bottom", describesSlides: false };

// `player`: see player.js.
export function playerControls(player, recording) {
  const { media } = player;
  const preferences = { ...DEFAULT_PREFERENCES, ...readPreferences() };
  const playButton = controlButton("play", t("Play"), player.togglePlayback);
  const muteButton = optional(controlButton("volume", t("Mute"), () => (media.muted = !media.muted)));
  const now = h("span", {});
  const duration = h("span", { class: "player-duration" });
  const time = h("span", { class: "player-time" }, now, duration);
  const line = h("input", { type: "range", class: "timeline-input", min: 0, max: Math.ceil(recording.duration_s) || 1, step: 0.1, value: 0, "aria-label": t("Position") });
  const marks = h("span", { class: "timeline-marks", "aria-hidden": "true" });
  const tip = h("span", { class: "timeline-tip", hidden: true, "aria-hidden": "true" });
  const speed = h("select", { class: "player-speed", "aria-label": t("Speed") }, SPEEDS.map((value) => h("option", { value }, `${value.toLocaleString(locale)}×`)));
  const captionTrack = [...media.textTracks].find((track) => track.kind === "subtitles");
  const captionsButton = captionTrack && controlButton("captions", t("Captions"), toggleCaptions);
  const pictureButton = optional(document.pictureInPictureEnabled && player.isVideo && controlButton("picture", t("Picture in picture"), togglePicture));
  const fullscreenButton = player.isVideo && document.fullscreenEnabled && controlButton("fullscreen", t("Full screen"), toggleFullscreen);
  const linkButton = optional(controlButton("link", t("Copy a link to this moment"), copyLink));
  const citeButton = optional(controlButton("quote", t("Cite this moment"), () => showCitation(recording.id, media.currentTime)));
  const keys = playerKeys({
    togglePlayback: player.togglePlayback,
    skip: player.skip,
    seekToShare: (share) => player.seek(share * player.durationS(), !media.paused),
    changeSpeed,
    stepMark,
    toggleMute: () => muteButton.click(),
    toggleCaptions: () => captionsButton?.click(),
    toggleFullscreen: () => fullscreenButton && fullscreenButton.click(),
    addBookmark: () => bookmarkButton.click(),
  });
  let addBookmark = () => {};
  const bookmarkButton = controlButton("bookmark", t("Add a note here"), () => addBookmark());
  const settings = settingsMenu(preferences, { hasCaptions: Boolean(captionTrack), apply: applyPreferences, showKeys: keys.showHelp });
  const bookmarkMarks = h("span", { class: "timeline-marks bookmark-marks", "aria-hidden": "true" });
  const timeline = h("div", { class: "timeline" }, marks, bookmarkMarks, line, tip);
  const node = h(
    "div",
    { class: "player-controls", role: "group", "aria-label": t("Player") },
    timeline,
    h(
      "div",
      { class: "player-buttons" },
      playButton,
      controlButton("back10", t("Back 10 seconds"), () => player.skip(-SKIP_S)),
      controlButton("forward10", t("Forward 10 seconds"), () => player.skip(SKIP_S)),
      time,
      h("span", { class: "player-space" }),
      speed,
      muteButton,
      captionsButton,
      bookmarkButton,
      linkButton,
      citeButton,
      settings.button,
      pictureButton,
      fullscreenButton,
    ),
    settings.menu,
  );
  let slides = [];
  let described = null;

  function showTime() {
    const [timeS, durationS] = [media.currentTime, player.durationS()];
    line.max = String(durationS || 1);
    line.value = String(timeS);
    line.setAttribute("aria-valuetext", t("{time} of {duration}", { time: formatDuration(timeS), duration: formatDuration(durationS) }));
    line.style.setProperty("--played", `${durationS ? (100 * timeS) / durationS : 0}%`);
    now.textContent = formatDuration(timeS);
    duration.textContent = ` / ${formatDuration(durationS)}`;
    if (preferences.describesSlides) describeSlide(timeS);
  }

  function showState() {
    setIcon(playButton, media.paused ? "play" : "pause", media.paused ? t("Play") : t("Pause"));
    setIcon(muteButton, media.muted ? "muted" : "volume", media.muted ? t("Unmute") : t("Mute"));
  }

  function describeSlide(timeS) {
    const slide = slides.findLast((each) => each.start_s <= timeS + 0.05) ?? null;
    if (slide === described) return;
    described = slide;
    if (slide) announce(t("Slide: {text}", { text: slide.text || slide.title }));
  }

  function changeSpeed(step) {
    const index = SPEEDS.findIndex((value) => value >= media.playbackRate);
    const next = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, index + step))];
    speed.value = String(next);
    setSpeed(next);
    announce(t("Speed {speed}", { speed: `${next.toLocaleString(locale)}×` }));
  }

  function setSpeed(value) {
    media.defaultPlaybackRate = value;
    media.playbackRate = value;
    preferences.speed = value;
    savePreferences(preferences);
  }

  function toggleCaptions() {
    preferences.captions = !preferences.captions;
    applyPreferences();
  }

  function applyPreferences() {
    media.dataset.captionSize = preferences.captionSize;
    if (captionTrack) {
      captionTrack.mode = preferences.captions ? "showing" : "hidden";
      captionsButton.setAttribute("aria-pressed", String(preferences.captions));
      placeCaptions();
    }
    savePreferences(preferences);
  }

  function placeCaptions() {
    for (const cue of captionTrack.cues ?? []) cue.line = preferences.captionPlace === "top" ? 1 : "auto";
  }

  // To the slide after (1) or before (-1) this moment.
  function stepMark(direction) {
    const timeS = media.currentTime;
    const target = direction > 0 ? slides.find((slide) => slide.start_s > timeS + 0.1) : slides.findLast((slide) => slide.start_s < timeS - 2);
    if (target) player.seek(target.start_s + FRAME_S, !media.paused);
  }

  function togglePicture() {
    const change = document.pictureInPictureElement ? document.exitPictureInPicture() : media.requestPictureInPicture();
    change.catch(() => {}); // the browser refuses it without metadata or a click
  }

  function toggleFullscreen() {
    const change = document.fullscreenElement ? document.exitFullscreen() : player.node.requestFullscreen();
    change.catch(() => {});
  }

  async function copyLink() {
    const url = new URL(`${api.watchUrl(recording.id)}#t=${wholeSeconds(media.currentTime)}`, location.href).href;
    try {
      await navigator.clipboard.writeText(url);
      showTip(t("Copied"));
    } catch {
      history.replaceState(null, "", url); // without HTTPS there is no clipboard: the address bar has the link
      showTip(t("The link is in the address bar."));
    }
  }

  function showTip(text) {
    announce(text);
    linkButton.dataset.tip = text;
    setTimeout(() => delete linkButton.dataset.tip, 1800);
  }

  function markTimes(container, times) {
    const durationS = player.durationS();
    const shown = times.filter((timeS) => timeS > 0 && timeS < durationS);
    container.replaceChildren(
      ...shown.map((timeS) => {
        const mark = h("span", {});
        mark.style.setProperty("inset-inline-start", `${(100 * timeS) / durationS}%`);
        return mark;
      }),
    );
  }

  function showMoment(event) {
    const { left, width } = line.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    const timeS = share * player.durationS();
    const slide = slides.findLast((each) => each.start_s <= timeS);
    tip.textContent = [formatDuration(timeS), slide?.title].filter(Boolean).join(" · ");
    tip.style.setProperty("inset-inline-start", `${100 * share}%`);
    tip.dataset.side = share > 0.5 ? "end" : "start";
    tip.hidden = false;
  }

  line.addEventListener("input", () => player.seek(Number(line.value), !media.paused));
  line.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 }[event.key];
    if (!step) return;
    event.preventDefault(); // the step of the field is a tenth of a second
    event.stopPropagation();
    player.skip(step);
  });
  timeline.addEventListener("pointermove", showMoment);
  timeline.addEventListener("pointerleave", () => (tip.hidden = true));
  speed.addEventListener("change", () => setSpeed(Number(speed.value)));
  media.addEventListener("ratechange", () => (speed.value = String(media.playbackRate)));
  for (const event of ["play", "pause", "ended", "volumechange"]) media.addEventListener(event, showState);
  for (const event of ["loadedmetadata", "durationchange", "seeked"]) media.addEventListener(event, showTime);
  media.querySelector("track")?.addEventListener("load", placeCaptions);
  const stopTime = player.onTime(showTime);
  speed.value = String(preferences.speed);
  media.defaultPlaybackRate = preferences.speed;
  media.playbackRate = preferences.speed;
  applyPreferences();
  showState();
  showTime();

  return {
    node,
    setMarks(visits) {
      slides = visits;
      markTimes(marks, visits.map((visit) => visit.start_s));
    },
    setBookmarks: (times) => markTimes(bookmarkMarks, times),
    onBookmark: (add) => (addBookmark = add),
    destroy() {
      stopTime();
      keys.destroy();
    },
  };
}

function settingsMenu(preferences, { hasCaptions, apply, showKeys }) {
  const menu = h("div", { class: "player-menu card", popover: "auto", id: "player-settings" });
  const choice = (name, label, options) => {
    const control = h("select", {}, Object.entries(options).map(([value, text]) => h("option", { value }, text)));
    control.value = preferences[name];
    control.addEventListener("change", () => {
      preferences[name] = control.value;
      apply();
    });
    return h("label", { class: "player-choice" }, h("span", {}, label), control);
  };
  const describes = h("input", { type: "checkbox", checked: preferences.describesSlides });
  describes.addEventListener("change", () => {
    preferences.describesSlides = describes.checked;
    apply();
  });
  const keysButton = h("button", { type: "button", class: "button", on: { click: () => (menu.hidePopover(), showKeys()) } }, t("Keyboard shortcuts"));
  menu.append(
    h(
      "div",
      { class: "stack" },
      hasCaptions && choice("captionSize", t("Caption size"), { small: t("Small"), normal: t("Normal"), large: t("Large"), huge: t("Very large") }),
      hasCaptions && choice("captionPlace", t("Caption place"), { bottom: t("Bottom"), top: t("Top") }),
      h("label", { class: "checkbox" }, describes, h("span", {}, t("Announce the text of each slide"), h("span", { class: "hint" }, t("For screen readers")))),
      keysButton,
    ),
  );
  const settingsButton = controlButton("settings", t("Player settings"), () => {});
  settingsButton.setAttribute("popovertarget", "player-settings");
  return { button: settingsButton, menu };
}

function controlButton(iconName, label, click) {
  return h("button", { type: "button", class: "control", "aria-label": label, title: label, on: { click } }, icon(iconName));
}

// Hidden on phones, which have buttons for the volume and little room.
function optional(control) {
  if (control) control.classList.add("optional");
  return control;
}

function setIcon(control, iconName, label) {
  control.replaceChildren(icon(iconName));
  control.setAttribute("aria-label", label);
  control.title = label;
}

function readPreferences() {
  try {
    return JSON.parse(localStorage.getItem(PREFERENCES_KEY)) ?? {};
  } catch {
    return {};
  }
}

function savePreferences(preferences) {
  localStorage.setItem(PREFERENCES_KEY, JSON.stringify(preferences));
}
