// The captions of a medium as a text whose sentences can be clicked. Used where the transcript itself is not open to the viewer.

import { formatDuration } from "./format.js";
import { t } from "./i18n.js";
import { endsSentence, joinPieces } from "./sentences.js";

const MAX_PAUSE_S = 2;
const MAX_CHARACTERS = 240;

// `media`: a video or audio element, `track`: its track element, already in the document. Return { node, destroy() }; the node stays hidden
// until there is text.
export function cueTranscript(media, track) {
  const list = document.createElement("ol");
  const node = Object.assign(document.createElement("section"), { className: "cue-transcript", hidden: true });
  node.setAttribute("aria-label", t("Transcript"));
  node.append(list);
  let sentences = [];
  let current = null;

  function show() {
    sentences = sentencesOf([...(track.track.cues ?? [])]);
    list.replaceChildren(...sentences.map(sentenceItem));
    list.lang = track.srclang;
    node.hidden = !sentences.length;
    onTime();
  }

  function sentenceItem(sentence) {
    const item = document.createElement("li");
    const time = Object.assign(document.createElement("span"), { className: "cue-time", textContent: formatDuration(sentence.startS) });
    const text = Object.assign(document.createElement("span"), { dir: "auto", textContent: sentence.text });
    const control = Object.assign(document.createElement("button"), { type: "button" });
    control.append(time, text);
    control.addEventListener("click", () => {
      media.currentTime = sentence.startS;
      media.play().catch(() => {}); // the browser may refuse sound
    });
    item.append(control);
    sentence.item = item;
    return item;
  }

  function onTime() {
    const next = sentences.findLast((each) => each.startS <= media.currentTime + 0.05) ?? null;
    if (next === current) return;
    current?.item.removeAttribute("aria-current");
    next?.item.setAttribute("aria-current", "true");
    current = next;
    if (next && !node.contains(document.activeElement)) reveal(next.item);
  }

  // Scroll the text only, not the page.
  function reveal(item) {
    const [frame, box] = [node.getBoundingClientRect(), item.getBoundingClientRect()];
    if (box.top < frame.top || box.bottom > frame.bottom) node.scrollTop += box.top - frame.top - frame.height / 3;
  }

  if (track.track.mode === "disabled") track.track.mode = "hidden"; // a disabled track is not loaded
  if (track.readyState === HTMLTrackElement.LOADED) show();
  track.addEventListener("load", show);
  media.addEventListener("timeupdate", onTime);
  return {
    node,
    destroy() {
      track.removeEventListener("load", show);
      media.removeEventListener("timeupdate", onTime);
    },
  };
}

// Captions end anywhere in a sentence; return whole sentences as { startS, text }.
function sentencesOf(cues) {
  const sentences = [];
  let open = null;
  let lastEndS = 0;
  for (const cue of cues) {
    const text = cue.getCueAsHTML().textContent.replace(/\s+/g, " ").trim();
    if (!text) continue;
    if (open && cue.startTime - lastEndS < MAX_PAUSE_S && open.text.length + text.length < MAX_CHARACTERS) open.text = joinPieces(open.text, text);
    else sentences.push((open = { startS: cue.startTime, text }));
    lastEndS = cue.endTime;
    if (endsSentence(text)) open = null;
  }
  return sentences;
}
