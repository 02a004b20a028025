// One segment of a transcript: its time, its text, and a field to correct it. A text that is not saved stays, with what to do about it.

import { formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { wordStartAt } from "../transcript.js";
import { button, h, icon } from "./dom.js";
import { conflictNote, failureNote } from "./draft_field.js";
import { normalized, segmentField } from "./segment_field.js";

// `actions`: seek(timeS), isPlaying(), startEditing(segmentView, wasPlaying), save(segmentView, text), stopEditing(segmentView),
// split(segmentView, text, offset), join(segmentView, text, step), and `drafts`: see ../drafts.js. The draft of a segment has its id as
// name: { startS, base, text, isTyped }, where `base` is the saved text that was typed over, and `isTyped` tells that the field is open.
export function transcriptSegment(initialSegment, language, actions) {
  const time = h("button", { type: "button", class: "segment-time", tabindex: -1 });
  const text = h("p", { class: "segment-text", lang: language || undefined, dir: "auto", title: t("Play from here") });
  const editButton = h("button", { type: "button", class: "segment-edit", tabindex: -1 }, icon("edit"), h("span", { class: "visually-hidden" }, t("Correct")));
  const node = h("div", { class: "segment", role: "listitem" }, time, text, editButton);
  let field = null;
  let base = ""; // the saved text under the one in the field
  let pendingText = null; // a text on its way to the server
  let note = null; // about a text that is not saved
  let mayBeRetried = true;
  let wasPlaying = false; // before the first of two clicks, which plays

  const { drafts } = actions;
  const savedText = () => pendingText ?? view.segment.text;
  const keep = (draftText, isTyped) => drafts.set(view.segment.id, { startS: view.segment.start_s, base, text: draftText, isTyped });

  const view = {
    node,
    time,
    segment: initialSegment,
    update(segment) {
      view.segment = segment;
      const start = formatDuration(segment.start_s);
      time.textContent = start;
      time.setAttribute("aria-label", t("Play from {start}", { start }));
      if (note && drafts.get(segment.id)) return view.showUnsaved();
      removeNote();
      text.textContent = savedText();
    },
    setCurrent(isCurrent) {
      node.toggleAttribute("data-current", isCurrent);
      if (isCurrent) node.setAttribute("aria-current", "true");
      else node.removeAttribute("aria-current");
    },
    edit(resumes = actions.isPlaying()) {
      if (field) return;
      base = savedText();
      const unsaved = note && drafts.get(view.segment.id);
      removeNote();
      const { node: box, input } = segmentField(t("Text at {time}", { time: time.textContent }), language, unsaved?.text ?? base, {
        change: () => keep(field.value, true),
        leave: finish,
        save: () => finish() ?? time.focus(),
        cancel: () => cancel(unsaved) ?? time.focus(),
        split: (offset) => finishWith((value) => actions.split(view, value, offset)),
        join: (step) => finishWith((value) => actions.join(view, value, step)),
      });
      field = input;
      text.replaceWith(box);
      actions.startEditing(view, resumes);
      field.focus();
    },
    editAt(offset) {
      view.edit();
      field.setSelectionRange(offset, offset);
    },
    // Close the field without saving; its draft stays. Return the place of the cursor, null if no field is open.
    suspend() {
      if (!field) return null;
      const closedField = field;
      field = null; // removing the field blurs it
      const cursor = [closedField.selectionStart, closedField.selectionEnd];
      closedField.closest(".segment-edit-box").replaceWith(text);
      actions.stopEditing(view);
      return cursor;
    },
    // Go on with the draft of an earlier view: the field opens again, or a note says what is not saved.
    resume(cursor) {
      const draft = drafts.get(view.segment.id);
      if (draft?.text === view.segment.text) drafts.remove(view.segment.id); // it did arrive
      else if (draft) view.showUnsaved();
      if (!cursor || view.hasConflict()) return;
      view.edit();
      field.setSelectionRange(...cursor);
    },
    // Show the draft, and beside it the saved text if that has changed meanwhile. `error`: why it is not saved, null if unknown.
    showUnsaved(error = null) {
      const draft = drafts.get(view.segment.id);
      removeNote();
      text.textContent = draft.text;
      const isConflict = draft.base !== view.segment.text;
      const save = button(isConflict ? t("Save mine") : t("Save again"), { on: { click: () => view.saveDraft() } });
      note = isConflict ? conflictNote(view.segment.text, discard, save) : failureNote(error, save, button(t("Discard"), { on: { click: discard } }));
      node.append(note);
    },
    hasConflict: () => Boolean(note?.matches(".conflict")),
    canRetry: () => Boolean(note) && mayBeRetried && !view.hasConflict(),
    // Send the draft over the saved text, which the user has seen.
    saveDraft() {
      removeNote();
      base = view.segment.text;
      send(drafts.get(view.segment.id).text);
    },
    onSaved(value) {
      if (pendingText === value) pendingText = null;
      if (drafts.get(view.segment.id)?.text === value) drafts.remove(view.segment.id);
    },
    onFailed(error) {
      pendingText = null;
      mayBeRetried = !(error.status >= 400 && error.status < 500);
      if (!field) return view.showUnsaved(error);
      base = view.segment.text;
      keep(field.value, true);
    },
  };

  function removeNote() {
    note?.remove();
    note = null;
  }

  function discard() {
    drafts.remove(view.segment.id);
    removeNote();
    text.textContent = view.segment.text;
    time.focus();
  }

  function send(value) {
    keep(value, false);
    pendingText = value;
    text.textContent = value;
    actions.save(view, value);
  }

  // `unsaved`: the draft that the field began with, null for the saved text.
  function cancel(unsaved) {
    view.suspend();
    if (unsaved) {
      drafts.set(view.segment.id, unsaved);
      view.showUnsaved();
    } else forget();
  }

  function forget() {
    base = view.segment.text;
    if (pendingText === null) drafts.remove(view.segment.id);
    else keep(pendingText, false);
    text.textContent = savedText();
  }

  function finish() {
    if (!field) return;
    const value = normalized(field.value);
    view.suspend();
    if (value === base || value === savedText()) forget();
    else if (savedText() === base) send(value);
    else {
      keep(value, false); // somebody else has changed the text meanwhile
      view.showUnsaved();
    }
  }

  // Leave the field for a change that saves its text first.
  function finishWith(change) {
    const value = normalized(field.value);
    if (!value) return; // an empty field has nothing to split or to join
    if (savedText() !== base) return finish();
    view.suspend();
    keep(value, false);
    pendingText = value;
    text.textContent = value;
    change(value);
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
