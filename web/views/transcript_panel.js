// The transcript beside the player: it follows playback, leads to any word, and can be corrected.

import { draftsOf } from "../drafts.js";
import { t } from "../i18n.js";
import { inTurn } from "../in_turn.js";
import { wordFrom } from "../transcript.js";
import { correctionsList } from "./corrections_list.js";
import { announce, button, errorNote, h, replaceContent, statusNote } from "./dom.js";
import { doubtfulWords } from "./doubtful_words.js";
import { transcriptFollower } from "./transcript_follow.js";
import { transcriptKeys } from "./transcript_keys.js";
import { transcriptList } from "./transcript_list.js";
import { transcriptSearch } from "./transcript_search.js";

const REWIND_S = 1.5; // after a correction, so that the words before it are heard again

// `media`: the player, with seek(timeS), pause(), resume(rewindS), isPaused() and onTime(listener); `documents`: see outdated_documents.js.
export function transcriptPanel(transcript, media, documents) {
  const queue = inTurn();
  const run = (edit, message = "") => queue(() => send(edit, message).catch(showFailure));
  const messages = h("div", { class: "messages" });
  const showMessage = (message) => replaceContent(messages, typeof message === "string" ? statusNote(message) : errorNote(message));
  const clock = partClock(media);
  const { seek } = clock;
  const save = (view, text) => queue(() => sendText(view, text));
  const drafts = draftsOf(`transcript.${transcript.id}`);
  const split = (view, text, offset) => queue(() => restructure(view, text, (segment) => splitAt(segment, offset)));
  const join = (view, text, step) => queue(() => restructure(view, text, (segment) => joinWith(segment, step)));
  const list = transcriptList(transcript, { seek, save, split, join, drafts, ...pauseWhileEditing(media) });
  const search = transcriptSearch({
    texts: list.texts,
    replaceAll: async (find, replacement) => (await run(() => transcript.replaceAll(find, replacement)))?.written.length ?? 0,
  });
  const corrections = correctionsList(transcript, { queue, run, seek, showMessage });
  const doubtful = doubtfulWords(transcript, { textOf: (segmentId) => list.viewOf(segmentId)?.node.querySelector(".segment-text"), seek, showMessage });
  const tools = editTools(transcript, run);
  const layout = panelLayout({ messages, search, tools, doubtful, corrections, documents, list });
  const follower = transcriptFollower(transcript, list, () => tools.isFollowing() && !layout.node.hidden);
  const keys = transcriptKeys(() => isLoaded && !layout.node.hidden, {
    correct: () => list.viewOf(transcript.segmentAt(clock.timeS())?.id)?.edit(),
    undo: tools.undo,
    redo: tools.redo,
  });
  let isLoaded = false;

  async function load() {
    try {
      await transcript.load();
    } catch (error) {
      if (error.status === 404 || error.status === 401) return; // not converted yet; signed out
      return showMessage(error);
    }
    isLoaded = true;
    layout.show(transcript.segments.length > 0);
    list.show();
    list.retryUnsaved();
    showText();
    follower.onTime(clock.timeS());
    await corrections.refresh().catch(() => {});
  }

  // Send an edit and show what it changed.
  async function send(edit, message) {
    const change = await edit();
    list.apply(change);
    showText();
    if (message) announce(message);
    return change;
  }

  // A transcript that was changed elsewhere is loaded again.
  async function showFailure(error) {
    if (error.code === "revision_conflict") await load();
    if (error.status !== 401) showMessage(error);
    return null;
  }

  // Save a text that was typed. If another segment was changed elsewhere, it is sent again; if this one was, both texts are shown.
  async function sendText(view, text) {
    const edit = async () => {
      const change = await transcript.edit(view.segment, text);
      view.onSaved(text);
      return change;
    };
    try {
      await send(edit, t("Saved."));
      list.retryUnsaved();
      return true;
    } catch (error) {
      if (error.code === "revision_conflict") await load();
      const isShownAnew = list.viewOf(view.segment.id) !== view;
      if (!isShownAnew && error.status !== 401) view.onFailed(error);
      return false;
    }
  }

  // Save the text of a segment, then split it or join it with another one. `change(segment)` sends that and goes on editing.
  async function restructure(view, text, change) {
    if (text === view.segment.text) view.onSaved(text);
    else if (!(await sendText(view, text))) return;
    const segment = list.viewOf(view.segment.id)?.segment;
    if (segment) await change(segment).catch(showFailure);
  }

  async function splitAt(segment, offset) {
    const word = wordFrom(segment, offset);
    if (!word) return list.viewOf(segment.id).editAt(offset); // nothing is left for the other part
    const { written } = await send(() => transcript.split(segment, word), t("Split."));
    list.viewOf(written.at(-1).id)?.editAt(0);
  }

  async function joinWith(segment, step) {
    const index = transcript.segments.indexOf(segment);
    const first = step > 0 ? segment : transcript.segments[index - 1];
    if (!first || !transcript.segments[index + step]) return list.viewOf(segment.id).editAt(step > 0 ? segment.text.length : 0);
    const { length } = first.text;
    await send(() => transcript.merge(first), t("Joined."));
    list.viewOf(first.id)?.editAt(length);
  }

  function showState() {
    tools.update();
    documents.set("words", transcript.documentsAreCurrent);
  }

  // What depends on the text, after the text was shown anew.
  function showText() {
    replaceContent(messages);
    showState();
    search.refresh();
  }

  async function refreshLoaded() {
    const { revision } = transcript;
    await transcript.refresh();
    if (transcript.revision !== revision) return load();
    showState();
    return corrections.refresh();
  }

  const warnOfUnsaved = (event) => Object.keys(drafts.all()).length > 0 && event.preventDefault();
  window.addEventListener("beforeunload", warnOfUnsaved);
  window.addEventListener("online", list.retryUnsaved);
  const unsubscribe = clock.onTime(follower.onTime);
  return {
    node: layout.node,
    find: search.focus,
    afterEdits: queue, // run an action when the edits before it have been saved
    // Call when the recording's documents may have changed. `offsetS`: the time of the player at which the transcript's times begin.
    async refresh(offsetS) {
      clock.setOffset(offsetS);
      if (!isLoaded) return load();
      await refreshLoaded().catch(() => {}); // the next change of the recording refreshes again
    },
    destroy() {
      window.removeEventListener("beforeunload", warnOfUnsaved);
      window.removeEventListener("online", list.retryUnsaved);
      unsubscribe();
      keys.destroy();
      follower.clear();
      search.destroy();
      doubtful.destroy();
    },
  };
}

// The times of the part that was converted, which may begin later than the recording.
function partClock(media) {
  let offsetS = 0;
  return {
    seek: (timeS) => media.seek(offsetS + timeS),
    timeS: () => media.timeS() - offsetS,
    onTime: (listener) => media.onTime((timeS) => listener(timeS - offsetS)),
    setOffset: (newOffsetS) => (offsetS = newOffsetS),
  };
}

// The nodes of the panel; a note stands for the transcript while there is none.
function panelLayout({ messages, search, tools, doubtful, corrections, documents, list }) {
  const empty = h("p", { class: "empty-state" }, t("There is no transcript yet."));
  const body = h(
    "div",
    { class: "transcript", hidden: true },
    h("div", { class: "transcript-tools" }, search.node, tools.node),
    h("div", { class: "transcript-help" }, doubtful.node, search.replaceNode, corrections.node),
    documents.note(["words"]).node,
    h("p", { class: "hint touch-only" }, t("Tap a word to play from it, or the pencil to correct a sentence.")),
    h("p", { class: "hint key-hint" }, t("Click a word to play from it; double-click it, or press E, to correct. Press ? for all keys.")),
    list.node,
  );
  return {
    node: h("section", { class: "transcript-panel" }, messages, empty, body),
    show(hasText) {
      body.hidden = !hasText;
      empty.hidden = hasText;
    },
  };
}

// Playback rests while a segment is edited, and goes on a little before where it was.
function pauseWhileEditing(media) {
  let wasPlaying = false;
  return {
    isPlaying: () => !media.isPaused(),
    startEditing(view, isPlaying) {
      wasPlaying = isPlaying;
      media.pause();
    },
    stopEditing() {
      if (wasPlaying) media.resume(REWIND_S);
    },
  };
}

// Undo, redo, and whether the text follows playback.
function editTools(transcript, run) {
  const follow = h("input", { type: "checkbox", checked: true });
  const undo = button(t("Undo"), { variant: "quiet", on: { click: () => run(() => transcript.undo(), t("Undone.")) } });
  const redo = button(t("Redo"), { variant: "quiet", on: { click: () => run(() => transcript.redo(), t("Redone.")) } });
  return {
    node: h("div", { class: "row" }, undo, redo, h("label", { class: "check" }, follow, " ", t("Follow"))),
    undo: () => undo.click(), // does nothing while it is disabled
    redo: () => redo.click(),
    isFollowing: () => follow.checked,
    update() {
      undo.disabled = !transcript.undoSteps;
      redo.disabled = !transcript.redoSteps;
    },
  };
}
