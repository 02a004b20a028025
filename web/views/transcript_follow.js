// Marks the segment and the word that are spoken, and keeps them in view.

import { wordAt } from "../transcript.js";
import { setHighlight, textRange } from "./text_highlights.js";

const HOLD_S = 2; // a segment stays marked in the pause after it

// `list`: see transcript_list.js; `isFollowing()`: whether the list scrolls. Return { onTime(timeS), clear() }; times are the transcript's.
export function transcriptFollower(transcript, list, isFollowing) {
  let current = null;
  let hasLeftStart = false; // opening a recording at its start scrolls nothing

  function onTime(timeS) {
    const segment = transcript.segmentAt(timeS);
    const view = (segment && timeS < segment.end_s + HOLD_S && list.viewOf(segment.id)) || null;
    markWord(view, timeS);
    if (view === current) return;
    current?.setCurrent(false);
    current = view;
    current?.setCurrent(true);
    hasLeftStart ||= Boolean(segment) && segment !== transcript.segments[0];
    if (current && hasLeftStart && isFollowing() && !list.node.contains(document.activeElement)) {
      current.node.scrollIntoView({ block: "nearest", behavior: "auto" });
    }
  }

  function markWord(view, timeS) {
    const word = view && wordAt(view.segment, timeS);
    const content = view?.node.querySelector(".segment-text")?.firstChild; // absent while the text is edited
    const isMarkable = word && content && word.end <= content.length;
    setHighlight("spoken", isMarkable ? [textRange(content, word.start, word.end - word.start)] : []);
  }

  return { onTime, clear: () => setHighlight("spoken", []) };
}
