// One segment of a transcript: its time, its text, and a field to correct it.

import { formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { wordStartAt } from "../transcript.js";
import { h, icon } from "./dom.js";

const HINT_ID = "segment-hint"; // one segment is edited at a time

// `actions`: seek(timeS), isPlaying(), startEditing(segmentView, wasPlaying), save(segmentView, text), stopEditing(segmentView), and
// `draft`: see ../edit_draft.js
export function transcriptSegment(initialSegment, language, actions) {
  const time = h("button", { type: "button", class: "segment-time", tabindex: -1 });
  const text = h("p", { class: "segment-text", lang: language || undefined, dir: "auto", title: t("Play from here") });
  const editButton = h("button", { type: "button", class: "segment-edit", tabindex: -1 }, icon("edit"), h("span", { class: "visually-hidden" }, t("Correct")));
  const node = h("div", { class: "segment", role: "listitem" }, time, text, editButton);
  let field = null;
  let wasPlaying = false; // before the first of two clicks, which plays

  const view = {
    node,
    time,
    segment: initialSegment,
    update(segment) {
      view.segment = segment;
      const start = formatDuration(segment.start_s);
      time.textContent = start;
      time.setAttribute("aria-label", t("Play from {start}", { start }));
      text.textContent = segment.text;
    },
    setCurrent(isCurrent) {
      node.toggleAttribute("data-current", isCurrent);
      if (isCurrent) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    },
    // `draftText`: what the field begins with.
    edit(resumes = actions.isPlaying(), draftText = view.segment.text) {
      if (field) return;
      field = h("textarea", { class: "segment-field", "aria-label": t("Text at {time}", { time: time.textContent }), rows: 1, lang: language || undefined, dir: "auto" });
      field.value = draftText;
      field.addEventListener("input", () => actions.draft.save(view.segment.id, field.value));
      field.addEventListener("keydown", onFieldKey);
      field.addEventListener("blur", () => finish(true));
      const hint = h("p", { class: "hint", id: HINT_ID }, t("Enter saves, Esc cancels"));
      field.setAttribute("aria-describedby", HINT_ID);
      text.replaceWith(h("div", { class: "segment-edit-box" }, field, hint));
      actions.startEditing(view, resumes);
      field.focus();
    },
  };

  function onFieldKey(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Enter" || event.key === "Escape") {
      event.preventDefault();
      finish(event.key === "Enter");
      time.focus();
    }
  }

  function finish(isSaved) {
    if (!field) return;
    const value = field.value.trim().replace(/\s+/g, " ");
    const closed = field;
    field = null; // removing the field blurs it
    actions.draft.clear();
    closed.parentNode.replaceWith(text);
    actions.stopEditing(view);
    if (!isSaved || value === view.segment.text) return;
    text.textContent = value; // until the server has answered
    actions.save(view, value);
  }

  time.addEventListener("click", () => actions.seek(view.segment.start_s));
  text.addEventListener("click", (event) => {
    if (getSelection()?.isCollapsed === false) return;
    if (event.detail === 1) wasPlaying = actions.isPlaying();
    actions.seek(wordStartAt(view.segment, offsetAt(event)));
  });
  text.addEventListener("dblclick", () => view.edit(wasPlaying));
  editButton.addEventListener("click", () => view.edit());
  view.update(initialSegment);
  return view;
}

function offsetAt({ clientX, clientY }) {
  if (document.caretPositionFromPoint) return document.caretPositionFromPoint(clientX, clientY)?.offset ?? 0;
  return document.caretRangeFromPoint?.(clientX, clientY)?.startOffset ?? 0;
}
