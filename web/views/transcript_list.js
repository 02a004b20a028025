// The segments of a transcript in the document, in blocks: the browser lays out only those near the window.

import { t } from "../i18n.js";
import { h, replaceContent } from "./dom.js";
import { transcriptSegment } from "./transcript_segment.js";

const BLOCK_SIZE = 12; // style.css has the height of such a block

// `transcript`: see ../transcript.js; `actions`: see transcript_segment.js.
export function transcriptList(transcript, actions) {
  const views = new Map(); // by the id of the segment
  const node = h("div", { class: "segments", role: "list", "aria-label": t("Transcript"), on: { keydown: onKey } });

  function add(segment) {
    const view = transcriptSegment(segment, transcript.language, actions);
    views.set(segment.id, view);
    return view;
  }

  // Show all segments of the transcript, and what was typed and is not saved yet.
  function show() {
    const open = [...views].map(([id, view]) => [id, view.suspend()]).find(([, cursor]) => cursor);
    views.clear();
    replaceContent(node, blocksOf(transcript.segments.map((segment) => add(segment).node)));
    views.values().next().value?.time.setAttribute("tabindex", "0");
    moveLostDrafts();
    for (const [id, draft] of Object.entries(actions.drafts.all())) {
      const cursor = draft.isTyped ? [draft.text.length, draft.text.length] : null; // the page was left while it was typed
      views.get(Number(id))?.resume(open?.[0] === Number(id) ? open[1] : cursor);
    }
    if (open && !actions.drafts.get(open[0])) views.get(open[0])?.resume(open[1]);
  }

  // What was typed into a segment that is gone goes to the one at its time, where both texts are shown.
  function moveLostDrafts() {
    for (const [id, draft] of Object.entries(actions.drafts.all())) {
      const segment = views.has(Number(id)) ? null : transcript.segmentAt(draft.startS);
      if (!segment) continue;
      const there = actions.drafts.get(segment.id);
      actions.drafts.set(segment.id, { ...draft, text: there ? `${there.text} ${draft.text}` : draft.text });
      actions.drafts.remove(id);
    }
  }

  // Send the texts again that could not be saved for a reason that may have passed.
  function retryUnsaved() {
    for (const view of views.values()) if (view.canRetry()) view.saveDraft();
  }

  // Show the segments that an edit has written, without those that it has removed.
  function apply({ written, removed }) {
    for (const id of removed) {
      views.get(id)?.node.remove();
      views.delete(id);
    }
    const places = new Map(transcript.segments.map((segment, index) => [segment.id, index]));
    for (const segment of written) {
      const view = views.get(segment.id);
      if (view) view.update(segment);
      else insert(segment, places.get(segment.id));
    }
  }

  function insert(segment, place) {
    const next = transcript.segments.slice(place + 1).find((each) => views.has(each.id));
    const { node: added } = add(segment);
    if (next) views.get(next.id).node.before(added);
    else (node.lastElementChild ?? node).append(added);
  }

  function onKey(event) {
    const item = event.target.closest(".segment");
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    const items = step ? [...node.querySelectorAll(".segment")] : [];
    const other = items[items.indexOf(item) + step];
    if (other) moveFocus(item, other);
    else if (event.key === "e" || event.key === "F2") [...views.values()].find((each) => each.node === item)?.edit();
    else return;
    event.preventDefault();
  }

  function moveFocus(from, to) {
    from.querySelector(".segment-time").tabIndex = -1;
    const target = to.querySelector(".segment-time");
    target.tabIndex = 0; // the list has one stop for the Tab key
    target.focus();
  }

  return {
    node,
    show,
    retryUnsaved,
    apply,
    viewOf: (segmentId) => views.get(segmentId),
    texts: () => [...node.querySelectorAll(".segment-text")],
  };
}

function blocksOf(nodes) {
  const count = Math.ceil(nodes.length / BLOCK_SIZE);
  return Array.from({ length: count }, (_, index) => h("div", { class: "segment-block", role: "presentation" }, nodes.slice(index * BLOCK_SIZE, (index + 1) * BLOCK_SIZE)));
}
