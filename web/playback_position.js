// Where the user has stopped watching a recording. The server keeps it, so that another device goes on there.

import * as api from "./api.js";

const SAVE_INTERVAL_MS = 15_000;
const MIN_POSITION_S = 10;
const END_S = 15; // within this of the end, the recording has been watched

// Resolves to the position, or to 0 if there is none or the server keeps none.
export const loadPosition = (recordingId) => api.getPosition(recordingId).catch(() => 0);

// Save the position while `media` plays, when it pauses, and when the page is left. Return a function that stops it.
export function keepPosition(recordingId, { media }) {
  let savedS = null;

  function save() {
    const isEnd = media.duration - media.currentTime < END_S;
    const timeS = isEnd || media.currentTime < MIN_POSITION_S ? 0 : Math.floor(media.currentTime);
    if (timeS === savedS || !media.played.length) return;
    savedS = timeS;
    api.setPosition(recordingId, timeS).catch(() => (savedS = null)); // the next interval tries again
  }

  const saveWhenHidden = () => document.hidden && save();
  const timer = setInterval(() => !media.paused && save(), SAVE_INTERVAL_MS);
  media.addEventListener("pause", save);
  document.addEventListener("visibilitychange", saveWhenHidden);
  return () => {
    save();
    clearInterval(timer);
    document.removeEventListener("visibilitychange", saveWhenHidden);
  };
}
