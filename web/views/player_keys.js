// Keys of the player. They work everywhere on the page but in fields, dialogs and menus.

import { t } from "../i18n.js";
import { showDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { isPageKey, targetOf } from "./page_keys.js";

const ACTIVATED_BY_SPACE = "button, a, summary, [role=button]";

// `actions`: what the keys do. Return { showHelp(), destroy() }.
export function playerKeys(actions) {
  const keys = {
    " ": () => actions.togglePlayback(),
    k: () => actions.togglePlayback(),
    j: () => actions.skip(-10),
    l: () => actions.skip(10),
    ArrowLeft: () => actions.skip(-5),
    ArrowRight: () => actions.skip(5),
    "[": () => actions.changeSpeed(-1),
    "]": () => actions.changeSpeed(1),
    p: () => actions.stepMark(-1),
    n: () => actions.stepMark(1),
    b: () => actions.addBookmark(),
    m: () => actions.toggleMute(),
    c: () => actions.toggleCaptions(),
    f: () => actions.toggleFullscreen(),
    "/": () => actions.find(),
    "?": showHelp,
  };

  function onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || !isPageKey(event)) return;
    if (event.key === " " && targetOf(event).closest(ACTIVATED_BY_SPACE)) return;
    const action = /^\d$/.test(event.key) ? () => actions.seekToShare(Number(event.key) / 10) : keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  document.addEventListener("keydown", onKey);
  return { showHelp, destroy: () => document.removeEventListener("keydown", onKey) };
}

function showHelp() {
  const rows = [
    ["Space, K", t("Play or pause")],
    ["J, L", t("Back or forward 10 seconds")],
    ["←, →", t("Back or forward 5 seconds")],
    ["P, N", t("Previous or next slide")],
    ["[, ]", t("Slower or faster")],
    ["0 – 9", t("To 0 % … 90 % of the recording")],
    ["B", t("Add a note at this moment")],
    ["C", t("Captions")],
    ["M", t("Mute")],
    ["F", t("Full screen")],
    ["/", t("Find in the transcript")],
    ["↑, ↓", t("In the transcript: previous or next sentence")],
    ["E, F2", t("Correct the selected or played sentence")],
    ["Enter, Esc", t("While correcting: save or cancel")],
    ["Ctrl+Enter", t("While correcting: split at the cursor")],
    ["Backspace, Delete", t("At the beginning or the end of a field: join with the sentence before or after")],
    ["Ctrl+Z, Ctrl+Y", t("Undo or redo a correction")],
  ];
  const list = h("dl", { class: "key-list" }, rows.map(([key, text]) => h("div", {}, h("dt", {}, key), h("dd", {}, text))));
  showDialog(t("Keyboard shortcuts"), [list]);
}
