// Corrections of the slides: titles, order, which ones there are, their pictures and what is cut off. Each is a step that can be undone.

import { formatDuration } from "../format.js";
import { t, tn } from "../i18n.js";
import { inTurn } from "../in_turn.js";
import * as api from "../slide_edits_api.js";
import { pathOf } from "../slides.js";
import { cropDialog } from "./crop_dialog.js";
import { announce, button, errorNote, h, icon, replaceContent } from "./dom.js";
import { chooseSlidePicture } from "./slide_picture_dialog.js";

// `media`: the player; `documents`: see outdated_documents.js; `close()` leaves the editor.
export function slideEditor(recordingId, media, documents, { close }) {
  const list = h("ol", { class: "slide-edits", "aria-label": t("Slides of the documents") });
  const messages = h("div", { class: "messages" });
  const undo = button(t("Undo"), { variant: "quiet", on: { click: () => run(() => api.undoSlideChange(recordingId, state.revision), t("Undone.")) } });
  const redo = button(t("Redo"), { variant: "quiet", on: { click: () => run(() => api.redoSlideChange(recordingId, state.revision), t("Redone.")) } });
  const merge = button(t("Merge"), { variant: "quiet", on: { click: mergeSelected } });
  const crop = button(t("Crop"), { variant: "quiet", on: { click: () => openCrop(selected()) } });
  const selection = h("div", { class: "row selection", hidden: true }, h("span", { class: "meta" }), merge, crop);
  const done = button(t("Done"), { on: { click: leave } });
  const outdated = documents.note(["slides"]);
  const toolbar = h("div", { class: "transcript-tools" }, h("div", { class: "row" }, undo, redo), selection, done);
  const hint = h("p", { class: "hint" }, t("No word gets lost: what was said over a slide that is left out goes to the slide before it."));
  const node = h("div", { class: "slide-editor" }, toolbar, messages, outdated.node, hint, list);
  const chosenKeys = new Set();
  let state = null;

  const selected = () => state.slides.filter((slide) => chosenKeys.has(slide.key));
  const change = (action, fields, message) => run(() => api.changeSlides(recordingId, { action, ...fields }, state.revision), message);
  const queue = inTurn();
  const run = (action, message = "") => queue(() => send(action, message));

  // The list is not replaced while a pointer is down in it, or the click would be lost.
  let released = Promise.resolve();
  list.addEventListener("pointerdown", () => {
    released = new Promise((resolve) => {
      for (const name of ["pointerup", "pointercancel"]) window.addEventListener(name, () => setTimeout(resolve), { once: true });
    });
  });

  async function send(action, message) {
    try {
      state = await action();
      replaceContent(messages);
      if (message) announce(message);
    } catch (error) {
      if (error.code === "slides_changed") state = await api.getSlideEdits(recordingId).catch(() => state);
      if (error.status !== 401) replaceContent(messages, errorNote(error));
    }
    await released;
    show();
  }

  function show() {
    if (!state) return;
    const keys = new Set(state.slides.map((slide) => slide.key));
    for (const key of chosenKeys) if (!keys.has(key)) chosenKeys.delete(key);
    const focused = list.contains(document.activeElement) ? document.activeElement : null;
    replaceContent(list, state.slides.map(slideItem));
    restoreFocus(focused);
    undo.disabled = !state.undo_steps;
    redo.disabled = !state.redo_steps;
    documents.set("slides", state.documents_are_current);
    showSelection();
  }

  // The focus, and what is being typed, outlive a change that is shown.
  function restoreFocus(before) {
    if (!before?.dataset.focusKey) return;
    const control = list.querySelector(`[data-focus-key="${CSS.escape(before.dataset.focusKey)}"]:not(:disabled)`) ?? done;
    control.focus();
    if (!before.matches(".slide-title-field") || !control.matches(".slide-title-field")) return;
    control.value = before.value;
    control.setSelectionRange(before.selectionStart, before.selectionEnd);
  }

  function showSelection() {
    selection.hidden = !chosenKeys.size;
    selection.firstChild.textContent = tn("{count} slide selected", "{count} slides selected", chosenKeys.size);
    merge.disabled = chosenKeys.size < 2;
  }

  function slideItem(slide, index) {
    const title = h("input", { type: "text", class: "slide-title-field", maxlength: 500, autocomplete: "off", "aria-label": t("Title of slide {number}", { number: index + 1 }), "data-focus-key": `title-${slide.key}` });
    title.value = slide.title;
    title.placeholder = t("Slide {number}", { number: index + 1 });
    let saved = slide.title;
    const save = () => {
      if (!title.isConnected || title.value.trim() === saved) return;
      saved = title.value.trim();
      change("rename", { slide: slide.key, title: saved }, t("Saved."));
    };
    for (const event of ["change", "blur"]) title.addEventListener(event, save); // blur: the text may have been restored
    const box = h("input", { type: "checkbox", checked: chosenKeys.has(slide.key), "aria-label": t("Select slide {number}", { number: index + 1 }) });
    box.addEventListener("change", () => {
      if (box.checked) chosenKeys.add(slide.key);
      else chosenKeys.delete(slide.key);
      showSelection();
    });
    const times = slide.visits.map((visit) => `${formatDuration(visit.start_s)}–${formatDuration(visit.end_s)}`).join(", ");
    const play = h("button", { type: "button", class: "link-button", "aria-label": t("Play slide {number}", { number: index + 1 }), on: { click: () => media.seek(slide.visits[0].start_s + 0.05) } }, times);
    return h("li", { class: "slide-edit" }, h("label", { class: "slide-select" }, box, h("span", {}, String(index + 1))), picture(slide), h("div", { class: "slide-edit-text" }, title, play, tools(slide, index)));
  }

  function picture(slide) {
    const image = slide.image_url && h("img", { src: pathOf(slide.image_url), alt: slide.title, loading: "lazy" });
    const frame = h("span", { class: "slide-edit-picture" }, image);
    if (slide.crop && image) {
      const shade = h("span", { class: "crop-frame" });
      const { x, y, width, height } = slide.crop;
      for (const [side, share] of Object.entries({ left: x, top: y, width, height })) shade.style[side] = `${share * 100}%`;
      frame.append(shade);
    }
    return frame;
  }

  function tools(slide, index) {
    const number = index + 1;
    const next = state.slides[index + 1];
    const tool = (name, label, iconName, click, isDisabled = false) =>
      h("button", { type: "button", class: "control", title: label, "aria-label": `${label}: ${t("Slide {number}", { number })}`, disabled: isDisabled, "data-focus-key": `${name}-${slide.key}`, on: { click } }, icon(iconName));
    const timeS = () => media.timeS();
    return h(
      "div",
      { class: "slide-edit-tools" },
      tool("up", t("Move up"), "up", () => move(slide, -1), index === 0),
      tool("down", t("Move down"), "down", () => move(slide, 1), !next),
      tool("merge", t("Merge with the next slide"), "merge", () => change("merge", { slides: [slide.key, next.key] }, t("Merged.")), !next),
      tool("split", t("Split at the time of the player"), "split", () => change("split", { slide: slide.key, at_s: timeS() }, t("Split."))),
      tool("picture", t("Choose the picture"), "picture", () => choosePicture(slide)),
      tool("crop", t("Crop"), "crop", () => openCrop([slide]), !slide.image_url),
      tool("drop", t("Leave out"), "delete", () => change("drop", { slide: slide.key }, t("Slide {number} was left out.", { number })), state.slides.length === 1),
    );
  }

  // The place is that of the slide when its turn comes.
  const move = ({ key }, step) =>
    run(() => {
      const position = state.slides.findIndex((each) => each.key === key) + step;
      const isInside = position >= 0 && position < state.slides.length;
      return isInside ? api.changeSlides(recordingId, { action: "move", slide: key, position }, state.revision) : state;
    }, t("Moved."));

  async function choosePicture(slide) {
    const chosen = await chooseSlidePicture(slide, state.slides);
    if (chosen) await change("picture", { slide: slide.key, ...chosen }, t("The picture was changed."));
  }

  async function openCrop(slides) {
    const area = await cropDialog(slides[0]);
    if (area !== undefined) await change("crop", { slides: slides.map((slide) => slide.key), crop: area }, t("The pictures were cropped."));
  }

  function mergeSelected() {
    const slides = selected().map((slide) => slide.key);
    chosenKeys.clear();
    return change("merge", { slides }, t("Merged."));
  }

  function leave() {
    outdated.destroy();
    close();
  }

  run(() => api.getSlideEdits(recordingId));
  return { node };
}
