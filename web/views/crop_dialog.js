// A dialog to choose the part of a slide's picture that documents show: by dragging, or by numbers.

import { t } from "../i18n.js";
import { pathOf } from "../slides.js";
import { showDialog } from "./dialogs.js";
import { button, field, h } from "./dom.js";

const MIN_SHARE = 0.05;
const percent = (share) => Math.round(share * 1000) / 10;

// Return a promise of [x, y, width, height] as shares of the picture, of null for the whole picture, of undefined after a cancellation.
export function cropDialog(slide) {
  return new Promise((resolve) => {
    const box = slide.crop ? { left: slide.crop.x, top: slide.crop.y, right: slide.crop.x + slide.crop.width, bottom: slide.crop.y + slide.crop.height } : { left: 0, top: 0, right: 1, bottom: 1 };
    const image = h("img", { src: pathOf(slide.image_url), alt: slide.title, draggable: "false" });
    const frame = h("span", { class: "crop-frame" });
    const area = h("div", { class: "crop-area" }, image, frame);
    const labels = { left: t("Cut off on the left, in percent"), top: t("Cut off at the top, in percent"), right: t("Cut off on the right, in percent"), bottom: t("Cut off at the bottom, in percent") };
    const inputs = Object.fromEntries(Object.keys(labels).map((side) => [side, h("input", { type: "number", min: 0, max: 95, step: 0.1 })]));
    const numbers = h("div", { class: "field-pair" }, Object.entries(labels).map(([side, label]) => field(label, inputs[side])));
    const whole = button(t("Show the whole picture"), { variant: "quiet", on: { click: () => finish(null) } });
    const confirm = button(t("Crop"), { variant: "primary", on: { click: () => finish(isWhole() ? null : [box.left, box.top, box.right - box.left, box.bottom - box.top]) } });
    const dialog = showDialog(t("Crop"), [h("p", { class: "hint" }, t("Drag over the picture to choose what the documents show.")), area, numbers, h("div", { class: "row between" }, whole, confirm)], { className: "wide" });
    let result;
    let start = null;

    const isWhole = () => box.left < 0.001 && box.top < 0.001 && box.right > 0.999 && box.bottom > 0.999;

    function show() {
      const sides = { left: box.left, top: box.top, width: box.right - box.left, height: box.bottom - box.top };
      for (const [side, share] of Object.entries(sides)) frame.style[side] = `${share * 100}%`;
      for (const [side, input] of Object.entries(inputs)) {
        const cut = side === "left" || side === "top" ? box[side] : 1 - box[side];
        if (document.activeElement !== input) input.value = percent(cut);
      }
    }

    function readNumbers() {
      const cut = (side) => Math.min(0.95, Math.max(0, Number(inputs[side].value) / 100 || 0));
      box.left = cut("left");
      box.top = cut("top");
      box.right = Math.max(box.left + MIN_SHARE, 1 - cut("right"));
      box.bottom = Math.max(box.top + MIN_SHARE, 1 - cut("bottom"));
      if (box.right > 1) [box.left, box.right] = [1 - MIN_SHARE, 1];
      if (box.bottom > 1) [box.top, box.bottom] = [1 - MIN_SHARE, 1];
      show();
    }

    function pointOf(event) {
      const bounds = image.getBoundingClientRect();
      const share = (value) => Math.min(1, Math.max(0, value));
      return { x: share((event.clientX - bounds.left) / bounds.width), y: share((event.clientY - bounds.top) / bounds.height) };
    }

    function drag(event) {
      if (!start) return;
      const point = pointOf(event);
      if (Math.abs(point.x - start.x) < MIN_SHARE || Math.abs(point.y - start.y) < MIN_SHARE) return;
      Object.assign(box, { left: Math.min(start.x, point.x), right: Math.max(start.x, point.x), top: Math.min(start.y, point.y), bottom: Math.max(start.y, point.y) });
      show();
    }

    function finish(value) {
      result = value;
      dialog.close();
    }

    area.addEventListener("pointerdown", (event) => {
      start = pointOf(event);
      area.setPointerCapture(event.pointerId);
    });
    area.addEventListener("pointermove", drag);
    area.addEventListener("pointerup", () => (start = null));
    for (const input of Object.values(inputs)) input.addEventListener("input", readNumbers);
    dialog.addEventListener("close", () => resolve(result));
    show();
  });
}
