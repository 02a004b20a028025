// Steps through the words that were recognised with a low confidence.

import { t } from "../i18n.js";
import { button } from "./dom.js";
import { setHighlight, textRange } from "./text_highlights.js";

// `transcript`: see ../transcript.js; `textOf(segmentId)`: the element with the segment's text; `seek(timeS)`.
export function doubtfulWords(transcript, { textOf, seek, showMessage }) {
  const node = button(t("Next doubtful word"), { variant: "quiet", on: { click: step } });
  let words = null; // those of a revision of the transcript
  let revision = -1;
  let position = -1;

  async function step() {
    try {
      if (revision !== transcript.revision) {
        words = await transcript.listDoubtfulWords();
        revision = transcript.revision;
        position = -1;
      }
    } catch (error) {
      return showMessage(error);
    }
    if (!words.length) return showMessage(t("No word is doubtful."));
    position = (position + 1) % words.length;
    const { segment_id: segmentId, word, before } = words[position];
    const content = textOf(segmentId)?.firstChild;
    if (!content) return;
    const text = word.text.trim();
    const start = content.data.indexOf(text, before.trimEnd().length);
    if (start >= 0) setHighlight("doubtful", [textRange(content, start, text.length)]);
    content.parentElement.scrollIntoView({ block: "center" });
    node.querySelector("span").textContent = t("Next doubtful word ({number} of {count})", { number: position + 1, count: words.length });
    seek(Math.max(0, word.start_s - 1));
  }

  return { node, destroy: () => setHighlight("doubtful", []) };
}
