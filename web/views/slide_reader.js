// The lecture as a text to read: each slide large, with the words that were spoken over it.

import { formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { SEEK_OFFSET_S, slideTitle, visitAt, visitsOf } from "../slides.js";
import { showCitation } from "./citation_dialog.js";
import { button, h, icon, replaceContent } from "./dom.js";
import { showSlide } from "./slide_viewer.js";

// `media`: the player; `transcript`: see ../transcript.js; `documents`: see outdated_documents.js.
export function slideReader(recordingId, media, transcript, documents) {
  const list = h("div", { class: "reader-slides" });
  const empty = h("p", { class: "empty-state" }, t("This recording has no slides."));
  const correct = button(t("Correct the slides"), { iconName: "edit", variant: "quiet", on: { click: openEditor } });
  const deck = button(t("Slide deck"), { iconName: "list", variant: "quiet", on: { click: openDeck } });
  const tools = h("div", { class: "row end" }, deck, correct);
  const reading = h("div", {}, tools, documents.note(["slides"]).node, list, empty);
  const node = h("section", { class: "slide-reader" }, reading);
  let slides = [];
  let visits = [];
  let offsetS = 0;
  let sections = []; // one for each visit
  let sentences = []; // { start_s, end_s, node }
  let shownRevision = null;
  let currentVisit = null;
  let currentSentence = null;

  // Write the slides again if the slides or the transcript have changed.
  function show() {
    if (shownRevision === transcript.revision) return;
    shownRevision = transcript.revision;
    const segmentsByVisit = visits.map(() => []);
    for (const segment of transcript.segments) {
      const middleS = offsetS + (segment.start_s + segment.end_s) / 2;
      const index = visits.findLastIndex((visit) => visit.start_s <= middleS);
      segmentsByVisit[Math.max(0, index)]?.push(segment);
    }
    sentences = [];
    currentVisit = null;
    currentSentence = null;
    sections = visits.map((visit, index) => visitSection(visit, segmentsByVisit[index]));
    replaceContent(list, sections);
    empty.hidden = visits.length > 0;
    tools.hidden = !visits.length;
  }

  async function openEditor() {
    const { slideEditor } = await import("./slide_editor.js");
    const editor = slideEditor(recordingId, media, documents, {
      close() {
        replaceContent(node, reading);
        correct.focus();
      },
    });
    replaceContent(node, editor.node);
  }

  async function openDeck() {
    const { showDeck } = await import("./deck_dialog.js");
    showDeck(recordingId, { onChanged: () => documents.set("slides", true) });
  }

  function visitSection(visit, segments) {
    const { slide } = visit;
    const start = formatDuration(visit.start_s);
    const title = slideTitle(slide);
    const picture = slide.src && h("img", { src: slide.src, alt: slide.text || title, loading: "lazy", width: slide.width, height: slide.height });
    const enlarge = h("button", { type: "button", class: "reader-picture", "aria-label": t("Enlarge slide {number}: {title}", { number: slide.number, title }), on: { click: () => showSlide(slides, slide, media) } }, picture);
    const timeButton = h("button", { type: "button", class: "segment-time", "aria-label": t("Play from {time}", { time: start }), on: { click: () => media.seek(visit.start_s + SEEK_OFFSET_S) } }, start);
    const spokenS = segments.length ? offsetS + segments[0].start_s + SEEK_OFFSET_S : 0; // not the end of the sentence before
    const cite = h("button", { type: "button", class: "reader-cite", "aria-label": t("Cite slide {number}", { number: slide.number }), title: t("Copy citation"), on: { click: () => showCitation(recordingId, Math.max(visit.start_s + SEEK_OFFSET_S, spokenS)) } }, icon("quote"));
    const heading = h("h3", { tabindex: -1 }, h("span", { class: "reader-number" }, String(slide.number)), " ", title, visit.isRepeated && h("span", { class: "meta" }, ` ${t("(shown again)")}`));
    return h("section", { class: "reader-slide" }, h("div", { class: "reader-head" }, heading, h("div", { class: "row reader-tools" }, cite, timeButton)), picture && enlarge, spokenText(segments));
  }

  function spokenText(segments) {
    if (!segments.length) return null;
    const parts = segments.flatMap((segment) => {
      const sentence = h("span", { class: "sentence", on: { click: () => getSelection()?.isCollapsed !== false && media.seek(offsetS + segment.start_s) } }, segment.text);
      sentences.push({ start_s: offsetS + segment.start_s, end_s: offsetS + segment.end_s, node: sentence });
      return [sentence, " "];
    });
    return h("p", { class: "reader-text", lang: transcript.language || undefined, dir: "auto" }, parts);
  }

  function onTime(timeS) {
    if (node.hidden) return;
    const sentence = sentences.findLast((each) => each.start_s <= timeS && timeS < each.end_s + 2) ?? null;
    if (sentence !== currentSentence) {
      currentSentence?.node.removeAttribute("data-current");
      sentence?.node.setAttribute("data-current", "");
      currentSentence = sentence;
    }
    const visit = visitAt(visits, timeS);
    if (visit === currentVisit) return;
    sections[visits.indexOf(currentVisit)]?.removeAttribute("data-current");
    currentVisit = visit;
    const section = sections[visits.indexOf(visit)];
    section?.setAttribute("data-current", "");
    if (section && !node.contains(document.activeElement)) section.scrollIntoView({ block: "nearest" });
  }

  const unsubscribeTime = media.onTime(onTime);
  return {
    node,
    show,
    setSlides(newSlides, newOffsetS) {
      slides = newSlides;
      visits = visitsOf(newSlides);
      offsetS = newOffsetS;
      shownRevision = null;
      if (!node.hidden) show();
    },
    // Scroll to a slide and focus its heading.
    reveal(number) {
      show();
      const section = sections[visits.findIndex((visit) => visit.slide.number === number)];
      section?.scrollIntoView({ block: "start" });
      section?.querySelector("h3").focus({ preventScroll: true });
    },
    destroy: unsubscribeTime,
  };
}
