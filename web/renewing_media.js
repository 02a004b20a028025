// A video or audio element whose addresses expire: new ones are loaded before, and playback goes on at the same place and speed.

const RENEWAL_MARGIN_S = 30;
const RETRY_S = 4;

// The `crossorigin` of an element that loads from this address: without it, browsers load no captions from another origin.
export const crossOriginOf = (address) => (address && new URL(address, location.href).origin !== location.origin ? "anonymous" : null);

// Set it before captions are added and an address is set. Some browsers load again whenever it is set.
export function setCrossOrigin(media, address) {
  if (media.crossOrigin !== crossOriginOf(address)) media.crossOrigin = crossOriginOf(address);
}

// `load()` resolves to the API's playback object. If it fails, playback continues and it is called again, while the old addresses work;
// `onFailure(error)` is called when they have expired, or at once if isFinal(error). `onRenewed()` is called after each success.
export function renewingMedia(media, { load, isFinal, onFailure, onRenewed = () => {} }) {
  let timer = 0;
  let expiresAt = 0;
  let pendingTimeS = 0;
  let isDestroyed = false;

  function begin() {
    if (pendingTimeS > 0) media.currentTime = pendingTimeS;
    pendingTimeS = 0;
  }

  function show(playback, startS = 0, plays = false) {
    clearTimeout(timer);
    setCrossOrigin(media, playback.original || playback.hls);
    media.defaultPlaybackRate = media.playbackRate; // which a new address would reset
    pendingTimeS = startS;
    media.src = playable(playback);
    if (plays) media.play().catch(() => {}); // the browser may require a click first
    expiresAt = Date.now() + playback.expires_in * 1000;
    timer = setTimeout(renew, Math.max(5, playback.expires_in - RENEWAL_MARGIN_S) * 1000);
  }

  // The adaptive stream where the browser plays HLS itself, else the original file.
  function playable({ hls, original }) {
    return (hls && media.canPlayType("application/vnd.apple.mpegurl")) || !original ? hls : original;
  }

  async function renew() {
    try {
      const playback = await load();
      if (isDestroyed) return;
      show(playback, pendingTimeS || media.currentTime, !media.paused);
      onRenewed();
    } catch (error) {
      if (isDestroyed) return;
      if (isFinal(error) || Date.now() > expiresAt) onFailure(error);
      else timer = setTimeout(renew, RETRY_S * 1000);
    }
  }

  media.addEventListener("loadedmetadata", begin);
  return {
    show,
    destroy() {
      isDestroyed = true;
      clearTimeout(timer);
      media.removeEventListener("loadedmetadata", begin);
      media.removeAttribute("src");
    },
  };
}
