// The transcript beside the player: it follows playback, leads to any word, and can be corrected.

import { t } from "../i18n.js";
import { wordAt } from "../transcript.js";
import { correctionsList } from "./corrections_list.js";
import { announce, button, errorNote, h, replaceContent, statusNote } from "./dom.js";
import { doubtfulWords } from "./doubtful_words.js";
import { setHighlight, textRange } from "./text_highlights.js";
import { transcriptSearch } from "./transcript_search.js";
import { transcriptSegment } from "./transcript_segment.js";

const BLOCK_SIZE = 40; // segments; the browser lays out only the blocks near the window
const REWIND_S = 1.5; // after a correction, so that the words before it are heard again

// `media`: the player, with seek(timeS), pause(), resume(rewindS), isPaused() and onTime(listener); `documents`: see outdated_documents.js.
export function transcriptPanel(transcript, media, documents) {
  const views = new Map(); // by the id of the segment
  const list = h("div", { class: "segments", role: "list", "aria-label": t("Transcript") });
  const messages = h("div", { class: "messages" });
  const follow = h("input", { type: "checkbox", checked: true });
  const undoButton = button(t("Undo"), { variant: "quiet", on: { click: () => run(() => transcript.undo(), t("Undone.")) } });
  const redoButton = button(t("Redo"), { variant: "quiet", on: { click: () => run(() => transcript.redo(), t("Redone.")) } });
  const search = transcriptSearch({
    texts: () => [...list.querySelectorAll(".segment-text")],
    replaceAll: async (find, replacement) => (await run(() => transcript.replaceAll(find, replacement)))?.written.length ?? 0,
  });
  const showMessage = (message) => replaceContent(messages, typeof message === "string" ? statusNote(message) : errorNote(message));
  const corrections = correctionsList(transcript, { run, seek: (timeS) => actions.seek(timeS), showMessage });
  const doubtful = doubtfulWords(transcript, {
    textOf: (segmentId) => views.get(segmentId)?.node.querySelector(".segment-text"),
    seek: (timeS) => actions.seek(timeS),
    showMessage,
  });
  const hint = h("p", { class: "hint" }, t("Click a word to play from it; double-click it, or press E, to correct. Press ? for all keys."));
  const editTools = h("div", { class: "row" }, undoButton, redoButton, h("label", { class: "check" }, follow, " ", t("Follow")));
  const toolbar = h("div", { class: "transcript-tools" }, search.node, editTools);
  const reviewTools = h("div", { class: "transcript-help" }, doubtful.node, search.replaceNode, corrections.node);
  const empty = h("p", { class: "empty-state" }, t("There is no transcript yet."));
  const body = h("div", { class: "transcript", hidden: true }, toolbar, reviewTools, documents.note(["words"]).node, hint, list);
  const node = h("section", { class: "transcript-panel" }, messages, empty, body);
  let current = null;
  let wasPlaying = false;
  let isLoaded = false;
  let offsetS = 0; // where the part that was converted begins in the recording

  const actions = {
    seek: (timeS) => media.seek(offsetS + timeS),
    isPlaying: () => !media.isPaused(),
    startEditing(view, isPlaying) {
      wasPlaying = isPlaying;
      media.pause();
    },
    stopEditing() {
      if (wasPlaying) media.resume(REWIND_S);
    },
    save: (view, text) => run(() => transcript.edit(view.segment, text), t("Saved."), () => view.update(view.segment)),
  };

  async function load() {
    try {
      await transcript.load();
    } catch (error) {
      if (error.status === 404 || error.status === 401) return; // not converted yet; signed out
      return replaceContent(messages, errorNote(error));
    }
    isLoaded = true;
    body.hidden = !transcript.segments.length;
    empty.hidden = !body.hidden;
    views.clear();
    replaceContent(list, blocksOf(transcript.segments.map((segment) => addView(segment).node)));
    views.values().next().value?.time.setAttribute("tabindex", "0");
    replaceContent(messages);
    showState();
    search.refresh();
    onTime(media.timeS());
    await corrections.refresh().catch(() => {});
  }

  function addView(segment) {
    const view = transcriptSegment(segment, transcript.language, actions);
    views.set(segment.id, view);
    return view;
  }

  // Run an edit and show what it changed. A transcript that was changed elsewhere is loaded again.
  async function run(edit, message = "", onFailure = () => {}) {
    try {
      const change = await edit();
      apply(change);
      replaceContent(messages);
      if (message) announce(message);
      return change;
    } catch (error) {
      onFailure();
      if (error.code === "revision_conflict") await load();
      if (error.status !== 401) replaceContent(messages, errorNote(error));
      return null;
    }
  }

  function apply({ written, removed }) {
    for (const id of removed) {
      views.get(id)?.node.remove();
      views.delete(id);
    }
    const places = new Map(transcript.segments.map((segment, index) => [segment.id, index]));
    for (const segment of written) {
      const view = views.get(segment.id);
      if (view) view.update(segment);
      else {
        const next = transcript.segments.slice(places.get(segment.id) + 1).find((each) => views.has(each.id));
        const { node: added } = addView(segment);
        if (next) views.get(next.id).node.before(added);
        else (list.lastElementChild ?? list).append(added);
      }
    }
    showState();
    search.refresh();
  }

  function showState() {
    undoButton.disabled = !transcript.undoSteps;
    redoButton.disabled = !transcript.redoSteps;
    documents.set("words", transcript.documentsAreCurrent);
  }

  function onTime(playerTimeS) {
    const timeS = playerTimeS - offsetS;
    const segment = transcript.segmentAt(timeS);
    const view = segment && timeS < segment.end_s + 2 ? views.get(segment.id) : null;
    markWord(view, timeS);
    if (view === current) return;
    current?.setCurrent(false);
    current = view ?? null;
    current?.setCurrent(true);
    if (current && follow.checked && !node.hidden && !list.contains(document.activeElement)) {
      current.node.scrollIntoView({ block: "nearest", behavior: "auto" });
    }
  }

  // Mark the word that is spoken.
  function markWord(view, timeS) {
    const word = view && wordAt(view.segment, timeS);
    const content = view?.node.querySelector(".segment-text")?.firstChild; // absent while the text is edited
    const isMarkable = word && content && word.end <= content.length;
    setHighlight("spoken", isMarkable ? [textRange(content, word.start, word.end - word.start)] : []);
  }

  function onKey(event) {
    const item = event.target.closest(".segment");
    if (!item || event.ctrlKey || event.metaKey || event.altKey) return;
    const view = [...views.values()].find((each) => each.node === item);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key] ?? 0;
    const items = step ? [...list.querySelectorAll(".segment")] : [];
    const other = items[items.indexOf(item) + step];
    if (other) moveFocus(item, other);
    else if (event.key === "e" || event.key === "F2") view?.edit();
    else return;
    event.preventDefault();
  }

  function moveFocus(from, to) {
    from.querySelector(".segment-time").tabIndex = -1;
    const target = to.querySelector(".segment-time");
    target.tabIndex = 0; // the list has one stop for the Tab key
    target.focus();
  }

  list.addEventListener("keydown", onKey);
  const unsubscribe = media.onTime(onTime);
  return {
    node,
    // Call when the recording's documents may have changed. `newOffsetS`: the time of the player at which the transcript's times begin.
    async refresh(newOffsetS) {
      offsetS = newOffsetS;
      if (!isLoaded) return load();
      try {
        const revision = transcript.revision;
        await transcript.refresh();
        if (transcript.revision !== revision) return await load();
        showState();
        await corrections.refresh();
      } catch {
        // ignored: the next change of the recording refreshes again
      }
    },
    destroy() {
      unsubscribe();
      setHighlight("spoken", []);
      search.destroy();
      doubtful.destroy();
    },
  };
}

function blocksOf(nodes) {
  const count = Math.ceil(nodes.length / BLOCK_SIZE);
  return Array.from({ length: count }, (_, index) => h("div", { class: "segment-block", role: "presentation" }, nodes.slice(index * BLOCK_SIZE, (index + 1) * BLOCK_SIZE)));
}
