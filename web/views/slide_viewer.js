// A slide as large as the window, with its text. The arrow keys show the other slides.

import { formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { slideStart, slideTitle } from "../slides.js";
import { showDialog } from "./dialogs.js";
import { button, h, replaceContent } from "./dom.js";

export function showSlide(slides, firstSlide, media) {
  let index = slides.indexOf(firstSlide);
  const picture = h("div", { class: "viewer-picture" });
  const position = h("span", { class: "meta", "aria-live": "polite" });
  const text = h("p", { class: "viewer-text" });
  const details = h("details", {}, h("summary", {}, t("Text on the slide")), text);
  const playButton = button(t("Play"), { iconName: "play", variant: "primary", on: { click: play } });
  const previous = button(t("Previous"), { iconName: "back", on: { click: () => step(-1) } });
  const next = button(t("Next"), { iconName: "next", on: { click: () => step(1) } });
  const tools = h("div", { class: "row between" }, h("div", { class: "row" }, previous, next, position), playButton);
  const dialog = showDialog(slideTitle(firstSlide), [picture, tools, details], { className: "slide-viewer" });

  function show() {
    const slide = slides[index];
    dialog.querySelector("h2").textContent = slideTitle(slide);
    position.textContent = t("{number} of {count}", { number: index + 1, count: slides.length });
    replaceContent(picture, slide.src && h("img", { src: slide.src, alt: slide.text || slideTitle(slide), width: slide.width, height: slide.height }));
    playButton.querySelector("span").textContent = t("Play from {time}", { time: formatDuration(slide.visits[0].start_s) });
    text.textContent = slide.text;
    details.hidden = !slide.text;
    previous.disabled = index === 0;
    next.disabled = index === slides.length - 1;
  }

  function step(direction) {
    index = Math.min(slides.length - 1, Math.max(0, index + direction));
    show();
  }

  function play() {
    dialog.close();
    media.seek(slideStart(slides[index]));
  }

  dialog.addEventListener("keydown", (event) => {
    const direction = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (!direction) return;
    event.preventDefault();
    step(direction);
  });
  show();
  playButton.focus();
}
