// Links to the moment that is played.

import * as api from "../api.js";
import { wholeSeconds } from "../format.js";
import { t } from "../i18n.js";
import { announce } from "./dom.js";
import { controlButton } from "./player_buttons.js";

const TIP_MS = 1800;

// Return what to tell the user.
export async function copyMomentLink(recordingId, media) {
  const url = new URL(`${api.watchUrl(recordingId)}#t=${wholeSeconds(media.currentTime)}`, location.href).href;
  try {
    await navigator.clipboard.writeText(url);
    return t("Copied");
  } catch {
    history.replaceState(null, "", url); // without HTTPS there is no clipboard: the address bar has the link
    return t("The link is in the address bar.");
  }
}

export function momentLinkButton(recordingId, media) {
  const button = controlButton("link", t("Copy a link to this moment"), async () => showTip(await copyMomentLink(recordingId, media)));

  function showTip(text) {
    announce(text);
    button.dataset.tip = text;
    setTimeout(() => delete button.dataset.tip, TIP_MS);
  }

  return button;
}
