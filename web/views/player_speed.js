// The speed of playback.

import { locale, t } from "../i18n.js";
import { announce, h } from "./dom.js";
import { savePreferences } from "./player_preferences.js";

const SPEEDS = [0.5, 0.75, 1, 1.25, 1.5, 1.75, 2, 2.5, 3];
const labelOf = (speed) => `${speed.toLocaleString(locale)}×`;

// Return { node, change(step) }; `step`: 1 for the next faster speed, -1 for the next slower one.
export function playerSpeed(media, preferences) {
  const node = h("select", { class: "player-speed", "aria-label": t("Speed") }, SPEEDS.map((value) => h("option", { value }, labelOf(value))));

  function apply(speed) {
    media.defaultPlaybackRate = speed;
    media.playbackRate = speed;
  }

  function set(speed) {
    apply(speed);
    preferences.speed = speed;
    savePreferences(preferences);
  }

  node.addEventListener("change", () => set(Number(node.value)));
  media.addEventListener("ratechange", () => (node.value = String(media.playbackRate)));
  node.value = String(preferences.speed);
  apply(preferences.speed);
  return {
    node,
    change(step) {
      const index = SPEEDS.findIndex((value) => value >= media.playbackRate);
      const next = SPEEDS[Math.min(SPEEDS.length - 1, Math.max(0, index + step))];
      node.value = String(next);
      set(next);
      announce(t("Speed {speed}", { speed: labelOf(next) }));
    },
  };
}
