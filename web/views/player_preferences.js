// What the user has chosen for the player; this browser keeps it.

const KEY = "lectern.player";
const DEFAULTS = { speed: 1, captions: false, captionSize: "normal", captionPlace: "bottom", describesSlides: false };

export function readPreferences() {
  try {
    return { ...DEFAULTS, ...JSON.parse(localStorage.getItem(KEY)) };
  } catch {
    return { ...DEFAULTS };
  }
}

export function savePreferences(preferences) {
  localStorage.setItem(KEY, JSON.stringify(preferences));
}
