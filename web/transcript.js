// The transcript of a recording: its segments in time order, kept up to date with the user's edits.

import * as api from "./api.js";

const PAGE_SIZE = 1000;

export class Transcript {
  revision = 0;
  language = "";
  segments = []; // { id, start_s, end_s, text, words: [{ id, text, start_s }] }
  undoSteps = 0;
  redoSteps = 0;
  documentsAreCurrent = true;
  #id;

  constructor(recordingId) {
    this.#id = recordingId;
  }

  get id() {
    return this.#id;
  }

  // Load all segments, in pages. Rejects with an ApiError, whose status is 404 before the recording has been converted.
  async load() {
    const segments = [];
    for (let page = 1; ; page += 1) {
      const part = await api.getTranscript(this.#id, page, PAGE_SIZE);
      this.#setState(part);
      segments.push(...part.segments);
      if (segments.length >= part.total || !part.segments.length) break;
    }
    this.segments = segments;
  }

  // Load everything but the segments.
  async refresh() {
    this.#setState(await api.getTranscript(this.#id, 1, 1));
  }

  // Return the last segment that begins at `timeS` or before, or null.
  segmentAt(timeS) {
    let [low, high] = [0, this.segments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.segments[middle].start_s <= timeS) low = middle + 1;
      else high = middle;
    }
    return this.segments[low - 1] ?? null;
  }

  // Each edit resolves to { written: segments, removed: ids }.
  edit(segment, text) {
    return this.#change(api.editSegment(this.#id, segment.id, text, this.revision), { undo: 1 });
  }

  // Divide a segment before a word.
  split(segment, word) {
    return this.#change(api.splitSegment(this.#id, segment.id, word.id, this.revision), { undo: 1 });
  }

  // Join a segment with the next one.
  merge(segment) {
    return this.#change(api.mergeSegment(this.#id, segment.id, this.revision), { undo: 1 });
  }

  replaceAll(find, replace) {
    return this.#change(api.replaceInTranscript(this.#id, find, replace, this.revision), { undo: 1 });
  }

  undo() {
    return this.#change(api.stepTranscript(this.#id, "undo", this.revision), { undo: -1, redo: 1 });
  }

  redo() {
    return this.#change(api.stepTranscript(this.#id, "redo", this.revision), { undo: 1, redo: -1 });
  }

  // Resolves to { corrections, total }: those that nobody has reviewed.
  async listCorrections(limit) {
    const parts = await Promise.all(["proposed", "open"].map((state) => api.listCorrections(this.#id, state, limit)));
    const corrections = parts.flatMap((part) => part.corrections).sort((a, b) => a.start_s - b.start_s);
    return { corrections: corrections.slice(0, limit), total: parts.reduce((sum, part) => sum + part.total, 0) };
  }

  decide(correction, decision) {
    return this.#change(api.decideCorrection(this.#id, correction.id, decision, this.revision), { undo: 1 });
  }

  // `decision`: "accept" or "reject"
  decideAll(decision) {
    return this.#change(api.decideAllCorrections(this.#id, decision, this.revision), { undo: 1 });
  }

  proofread() {
    return api.proofread(this.#id);
  }

  listDoubtfulWords() {
    return api.listDoubtfulWords(this.#id).then((answer) => answer.words);
  }

  async renderDocuments() {
    await api.renderDocuments(this.#id);
    this.documentsAreCurrent = true;
  }

  async #change(request, { undo, redo = -this.redoSteps }) {
    const { revision, segments: written, removed } = await request;
    const isChange = revision !== this.revision;
    this.revision = revision;
    if (isChange) {
      this.undoSteps += undo;
      this.redoSteps += redo;
      this.documentsAreCurrent = false;
    }
    const replaced = new Set([...removed, ...written.map((segment) => segment.id)]);
    const unchanged = this.segments.filter((segment) => !replaced.has(segment.id));
    this.segments = [...unchanged, ...written].sort((a, b) => a.start_s - b.start_s || a.id - b.id);
    return { written, removed };
  }

  #setState(page) {
    this.revision = page.revision;
    this.language = page.language;
    this.undoSteps = page.undo_steps;
    this.redoSteps = page.redo_steps;
    this.documentsAreCurrent = page.documents_are_current;
  }
}

// Return the start of the word at a character of the segment's text.
export function wordStartAt(segment, offset) {
  let length = 0;
  for (const [index, word] of segment.words.entries()) {
    length += (index ? word.text : word.text.trimStart()).length;
    if (length > offset) return word.start_s;
  }
  return segment.start_s;
}

// Return the first word, but not that of the segment, that begins at a character of its text or after it; null if there is none.
export function wordFrom(segment, offset) {
  let length = 0;
  for (const [index, word] of segment.words.entries()) {
    const text = index ? word.text : word.text.trimStart();
    const spaces = text.length - text.trimStart().length;
    if (index && length + spaces >= offset) return word;
    length += text.length;
  }
  return null;
}

// Return the place of the word at a time in the segment's text, as { start, end }, or null.
export function wordAt(segment, timeS) {
  let length = 0;
  let place = null;
  for (const [index, word] of segment.words.entries()) {
    const text = index ? word.text : word.text.trimStart();
    const start = length + text.length - text.trimStart().length;
    length += text.length;
    if (word.start_s > timeS + 0.05) break;
    place = { start, end: start + text.trim().length };
  }
  return place;
}
