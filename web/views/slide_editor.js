// Corrections of the slides: titles, order, which ones there are, their pictures and what is cut off. Each is a step that can be undone.

import { draftsOf } from "../drafts.js";
import { t, tn } from "../i18n.js";
import { slideEditSession } from "../slide_edit_session.js";
import { cropDialog } from "./crop_dialog.js";
import { announce, button, errorNote, h, replaceContent } from "./dom.js";
import { slideEditItem } from "./slide_edit_item.js";
import { chooseSlidePicture } from "./slide_picture_dialog.js";

// `media`: the player; `documents`: see outdated_documents.js; `close()` leaves the editor.
export function slideEditor(recordingId, media, documents, { close }) {
  const list = h("ol", { class: "slide-edits", "aria-label": t("Slides of the documents") });
  const messages = h("div", { class: "messages" });
  const undo = button(t("Undo"), { variant: "quiet", on: { click: () => session.undo(t("Undone.")) } });
  const redo = button(t("Redo"), { variant: "quiet", on: { click: () => session.redo(t("Redone.")) } });
  const doneButton = button(t("Done"), { on: { click: leave } });
  const selection = slideSelection({ merge: mergeSelected, crop: () => openCrop(selection.of(session.slides())) });
  const outdated = documents.note(["slides"]);
  const toolbar = h("div", { class: "transcript-tools" }, h("div", { class: "row" }, undo, redo), selection.node, doneButton);
  const hint = h("p", { class: "hint" }, t("No words are lost: the words spoken over a slide that is left out go to the slide before it."));
  const node = h("div", { class: "slide-editor" }, toolbar, messages, outdated.node, hint, list);
  const whenReleased = pointerWatch(list);
  const drafts = draftsOf(`slides.${recordingId}`);
  let isShown = false;
  const session = slideEditSession(recordingId, { onState: show, onError: showError });

  function showError(error) {
    if (error.status !== 401) replaceContent(messages, errorNote(error));
  }

  async function show(state, message) {
    replaceContent(messages);
    if (message) announce(message);
    await whenReleased();
    selection.keepOnly(state.slides);
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    replaceContent(list, state.slides.map((slide, index) => slideItem(slide, index, state.slides)));
    isShown = true;
    restoreFocus(focused);
    undo.disabled = !state.undo_steps;
    redo.disabled = !state.redo_steps;
    documents.set("slides", state.documents_are_current);
  }

  function slideItem(slide, index, slides) {
    const place = { index, isLast: index === slides.length - 1, isOnly: slides.length === 1, isChosen: selection.has(slide) };
    return slideEditItem(slide, place, { drafts, savesDraft: !isShown }, {
      play: media.seek,
      choose: (isChosen) => selection.set(slide, isChosen),
      rename: (title) => session.change("rename", { slide: slide.key, title }, t("Saved.")),
      move: (step) => session.move(slide, step, t("Moved.")),
      merge: () => session.change("merge", { slides: [slide.key, slides[index + 1].key] }, t("Merged.")),
      split: () => session.change("split", { slide: slide.key, at_s: media.timeS() }, t("Split.")),
      choosePicture: () => choosePicture(slide),
      crop: () => openCrop([slide]),
      drop: () => session.change("drop", { slide: slide.key }, t("Slide {number} was left out.", { number: index + 1 })),
    });
  }

  // The focus, and what is being typed, outlive a change that is shown.
  function restoreFocus(before) {
    if (!before?.dataset.focusKey) return;
    const control = list.querySelector(`[data-focus-key="${CSS.escape(before.dataset.focusKey)}"]:not(:disabled)`) ?? doneButton;
    control.focus();
    if (!before.matches(".slide-title-field") || !control.matches(".slide-title-field")) return;
    control.value = before.value;
    control.setSelectionRange(before.selectionStart, before.selectionEnd);
  }

  async function choosePicture(slide) {
    const picture = await chooseSlidePicture(slide, session.slides());
    if (picture) await session.change("picture", { slide: slide.key, ...picture }, t("The picture was changed."));
  }

  async function openCrop(slides) {
    const area = await cropDialog(slides[0]);
    if (area !== undefined) await session.change("crop", { slides: slides.map((slide) => slide.key), crop: area }, t("The pictures were cropped."));
  }

  function mergeSelected() {
    const slides = selection.of(session.slides()).map((slide) => slide.key);
    selection.keepOnly([]);
    return session.change("merge", { slides }, t("Merged."));
  }

  function leave() {
    outdated.destroy();
    close();
  }

  session.load();
  return { node };
}

// The slides that are chosen, and what can be done with several. `actions`: merge(), crop()
function slideSelection(actions) {
  const keys = new Set();
  const count = h("span", { class: "meta" });
  const merge = button(t("Merge"), { variant: "quiet", on: { click: actions.merge } });
  const crop = button(t("Crop"), { variant: "quiet", on: { click: actions.crop } });
  const node = h("div", { class: "row selection", hidden: true }, count, merge, crop);

  function show() {
    node.hidden = !keys.size;
    count.textContent = tn("{count} slide selected", "{count} slides selected", keys.size);
    merge.disabled = keys.size < 2;
  }

  return {
    node,
    has: (slide) => keys.has(slide.key),
    of: (slides) => slides.filter((slide) => keys.has(slide.key)),
    set(slide, isChosen) {
      if (isChosen) keys.add(slide.key);
      else keys.delete(slide.key);
      show();
    },
    keepOnly(slides) {
      const present = new Set(slides.map((slide) => slide.key));
      for (const key of keys) if (!present.has(key)) keys.delete(key);
      show();
    },
  };
}

// Return a function whose promise resolves when no pointer is down in `node`: replacing what is pressed would lose the click.
function pointerWatch(node) {
  let released = Promise.resolve();
  node.addEventListener("pointerdown", () => {
    released = new Promise((resolve) => {
      for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, () => setTimeout(resolve), { once: true });
    });
  });
  return () => released;
}
