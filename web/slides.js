// The slides of a recording, and the times at which each is shown.

import * as api from "./api.js";
import { t } from "./i18n.js";

// Return { slides, offsetS }: each slide with `src`, the address of its picture; `offsetS`: where the converted part begins in the recording.
export async function loadSlides(recordingId) {
  const { slides, source_offset_s: offsetS } = await api.listSlides(recordingId);
  return { slides: slides.map((slide) => ({ ...slide, src: slide.image_url && pathOf(slide.image_url) })), offsetS };
}

// Return { slides, total }: the distinct slides of all recordings, see GET /api/v1/slides.
export const listWall = (q, page, limit) => api.call("GET", `/api/v1/slides?${new URLSearchParams({ q, page, limit })}`);

// The page may have been opened by another host name than the server's own.
export function pathOf(url) {
  const { pathname, search } = new URL(url);
  return pathname + search;
}

// Seconds added to the start of a slide when seeking, because players may round a time down to the frame before.
export const SEEK_OFFSET_S = 0.05;
export const slideStart = (slide) => slide.visits[0].start_s + SEEK_OFFSET_S;

export const slideTitle = (slide) => slide.title || t("Slide {number}", { number: slide.number });

// Return { slide, start_s, end_s, isRepeated } in the order of time.
export function visitsOf(slides) {
  return slides
    .flatMap((slide) => slide.visits.map((visit, index) => ({ slide, ...visit, isRepeated: index > 0 })))
    .sort((one, other) => one.start_s - other.start_s);
}

// Return the visit on whose page the words of a time are: the one shown then, else the one before, else the first one; null if there is none.
export const visitAt = (visits, timeS) => visits.findLast((visit) => visit.start_s <= timeS + SEEK_OFFSET_S) ?? visits[0] ?? null;
