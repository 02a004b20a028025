// The time line of the player, with marks of the slides and of the user's notes. A tip names the moment under the pointer.

import { formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { h } from "./dom.js";

const STEPS_S = { ArrowLeft: -5, ArrowDown: -5, ArrowRight: 5, ArrowUp: 5, PageDown: -60, PageUp: 60 };

// `player`: see player.js. Return { node, showTime(timeS, durationS), setSlides(visits), setBookmarks(times) }.
export function playerTimeline(player, recording) {
  const line = h("input", { type: "range", class: "timeline-input", min: 0, max: Math.ceil(recording.duration_s) || 1, step: 0.1, value: 0, "aria-label": t("Position") });
  const slideMarks = h("span", { class: "timeline-marks", "aria-hidden": "true" });
  const bookmarkMarks = h("span", { class: "timeline-marks bookmark-marks", "aria-hidden": "true" });
  const tip = h("span", { class: "timeline-tip", hidden: true, "aria-hidden": "true" });
  const node = h("div", { class: "timeline" }, slideMarks, bookmarkMarks, line, tip);
  let slides = [];

  function markTimes(container, times) {
    const durationS = player.durationS();
    const marks = times.filter((timeS) => timeS > 0 && timeS < durationS);
    container.replaceChildren(
      ...marks.map((timeS) => {
        const mark = h("span", {});
        mark.style.setProperty("inset-inline-start", `${(100 * timeS) / durationS}%`);
        return mark;
      }),
    );
  }

  function showMoment(event) {
    const { left, width } = line.getBoundingClientRect();
    const share = Math.min(1, Math.max(0, (event.clientX - left) / width));
    const timeS = share * player.durationS();
    const slide = slides.findLast((each) => each.start_s <= timeS);
    tip.textContent = [formatDuration(timeS), slide?.title].filter(Boolean).join(" · ");
    tip.style.setProperty("inset-inline-start", `${100 * share}%`);
    tip.dataset.side = share > 0.5 ? "end" : "start";
    tip.hidden = false;
  }

  line.addEventListener("input", () => player.seek(Number(line.value), !player.media.paused));
  line.addEventListener("keydown", (event) => {
    const step = STEPS_S[event.key];
    if (!step) return;
    event.preventDefault(); // the step of the field is a tenth of a second
    event.stopPropagation();
    player.skip(step);
  });
  node.addEventListener("pointermove", showMoment);
  node.addEventListener("pointerleave", () => (tip.hidden = true));
  return {
    node,
    showTime(timeS, durationS) {
      line.max = String(durationS || 1);
      line.value = String(timeS);
      line.setAttribute("aria-valuetext", t("{time} of {duration}", { time: formatDuration(timeS), duration: formatDuration(durationS) }));
      line.style.setProperty("--played", `${durationS ? (100 * timeS) / durationS : 0}%`);
    },
    setSlides(visits) {
      slides = visits;
      markTimes(slideMarks, visits.map((visit) => visit.start_s));
    },
    setBookmarks: (times) => markTimes(bookmarkMarks, times),
  };
}
