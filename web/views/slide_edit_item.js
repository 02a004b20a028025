// One slide in the editor of slides: its picture, its title, and what can be done with it.

import { formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { pathOf } from "../slides.js";
import { h, icon } from "./dom.js";
import { keepDraft } from "./draft_field.js";

// `place`: { index, isLast, isOnly, isChosen }; `titles`: { drafts, savesDraft }, the drafts of titles by the key of
// the slide (see ../drafts.js) and whether one is sent at once; `actions`: play(timeS), choose(isChosen), rename(title), move(step), merge(), split(),
// choosePicture(), crop() and drop(). Controls have a `data-focus-key`, by which the focus is found after a change.
export function slideEditItem(slide, place, titles, actions) {
  const number = place.index + 1;
  const box = h("input", { type: "checkbox", checked: place.isChosen, "aria-label": t("Select slide {number}", { number }) });
  box.addEventListener("change", () => actions.choose(box.checked));
  const times = slide.visits.map((visit) => `${formatDuration(visit.start_s)}–${formatDuration(visit.end_s)}`).join(", ");
  const play = h("button", { type: "button", class: "link-button", "aria-label": t("Play slide {number}", { number }), on: { click: () => actions.play(slide.visits[0].start_s + 0.05) } }, times);
  const text = h("div", { class: "slide-edit-text" }, titleField(slide, number, titles, actions.rename), play, slideTools(slide, place, actions));
  return h("li", { class: "slide-edit" }, h("label", { class: "slide-select" }, box, h("span", {}, String(number))), slidePicture(slide), text);
}

// A title that could not be saved stays in its field, and is sent again when that is left.
function titleField(slide, number, { drafts, savesDraft }, rename) {
  const title = h("input", { type: "text", class: "slide-title-field", maxlength: 500, autocomplete: "off", "aria-label": t("Title of slide {number}", { number }), "data-focus-key": `title-${slide.key}` });
  title.value = slide.title;
  title.placeholder = t("Slide {number}", { number });
  const box = h("div", { class: "slide-title" }, title);
  const draft = keepDraft(title, drafts, slide.key);
  let sentTitle = slide.title;
  const save = () => {
    if (!title.isConnected || title.value.trim() === sentTitle) return;
    sentTitle = title.value.trim();
    rename(sentTitle);
  };
  for (const event of ["change", "blur"]) title.addEventListener(event, save); // blur: the text may have been restored
  if (draft.state === "restored" && savesDraft) {
    sentTitle = title.value.trim();
    rename(sentTitle); // the page was left before it was saved
  }
  return box;
}

function slidePicture(slide) {
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

function slideTools(slide, { index, isLast, isOnly }, actions) {
  const tool = (name, label, iconName, click, isDisabled = false) =>
    h("button", { type: "button", class: "control", title: label, "aria-label": `${label}: ${t("Slide {number}", { number: index + 1 })}`, disabled: isDisabled, "data-focus-key": `${name}-${slide.key}`, on: { click } }, icon(iconName));
  return h(
    "div",
    { class: "slide-edit-tools" },
    tool("up", t("Move up"), "up", () => actions.move(-1), index === 0),
    tool("down", t("Move down"), "down", () => actions.move(1), isLast),
    tool("merge", t("Merge with the next slide"), "merge", () => actions.merge(), isLast),
    tool("split", t("Split at the time of the player"), "split", () => actions.split()),
    tool("picture", t("Choose the picture"), "picture", () => actions.choosePicture()),
    tool("crop", t("Crop"), "crop", () => actions.crop(), !slide.image_url),
    tool("drop", t("Leave out"), "delete", () => actions.drop(), isOnly),
  );
}
