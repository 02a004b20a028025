// The captions over the picture: shown or not, their size and their place.

import { t } from "../i18n.js";
import { controlButton } from "./player_buttons.js";
import { savePreferences } from "./player_preferences.js";

// Return { button, isAvailable, apply() }. `button` is undefined if the recording has no captions; `apply` shows changed preferences.
export function playerCaptions(media, preferences) {
  const track = [...media.textTracks].find((each) => each.kind === "subtitles");
  const button = track && controlButton("captions", t("Captions"), toggle);

  function toggle() {
    preferences.captions = !preferences.captions;
    apply();
  }

  function apply() {
    media.dataset.captionSize = preferences.captionSize;
    if (track) {
      track.mode = preferences.captions ? "showing" : "hidden";
      button.setAttribute("aria-pressed", String(preferences.captions));
      place();
    }
    savePreferences(preferences);
  }

  function place() {
    for (const cue of track.cues ?? []) cue.line = preferences.captionPlace === "top" ? 1 : "auto";
  }

  media.querySelector("track")?.addEventListener("load", place);
  return { button, isAvailable: Boolean(track), apply };
}
