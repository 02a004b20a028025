// The transcript beside the player: it follows playback, leads to any word, and can be corrected.

import { editDraft } from "../edit_draft.js";
import { t } from "../i18n.js";
import { inTurn } from "../in_turn.js";
import { correctionsList } from "./corrections_list.js";
import { announce, button, errorNote, h, replaceContent, statusNote } from "./dom.js";
import { doubtfulWords } from "./doubtful_words.js";
import { transcriptFollower } from "./transcript_follow.js";
import { transcriptList } from "./transcript_list.js";
import { transcriptSearch } from "./transcript_search.js";

const REWIND_S = 1.5; // after a correction, so that the words before it are heard again

// `media`: the player, with seek(timeS), pause(), resume(rewindS), isPaused() and onTime(listener); `documents`: see outdated_documents.js.
export function transcriptPanel(transcript, media, documents) {
  const queue = inTurn();
  const run = (edit, message = "", onFailure = () => {}) => queue(() => send(edit, message, onFailure));
  const messages = h("div", { class: "messages" });
  const showMessage = (message) => replaceContent(messages, typeof message === "string" ? statusNote(message) : errorNote(message));
  const clock = partClock(media);
  const { seek } = clock;
  const save = (view, text) => run(() => transcript.edit(view.segment, text), t("Saved."), () => view.update(view.segment));
  const list = transcriptList(transcript, { seek, save, draft: editDraft(transcript.id), ...pauseWhileEditing(media) });
  const search = transcriptSearch({
    texts: list.texts,
    replaceAll: async (find, replacement) => (await run(() => transcript.replaceAll(find, replacement)))?.written.length ?? 0,
  });
  const corrections = correctionsList(transcript, { run, seek, showMessage });
  const doubtful = doubtfulWords(transcript, { textOf: (segmentId) => list.viewOf(segmentId)?.node.querySelector(".segment-text"), seek, showMessage });
  const tools = editTools(transcript, run);
  const layout = panelLayout({ messages, search, tools, doubtful, corrections, documents, list });
  const follower = transcriptFollower(transcript, list, () => tools.isFollowing() && !layout.node.hidden);
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
    showText();
    follower.onTime(clock.timeS());
    await corrections.refresh().catch(() => {});
  }

  // Send an edit and show what it changed. A transcript that was changed elsewhere is loaded again.
  async function send(edit, message, onFailure) {
    try {
      const change = await edit();
      list.apply(change);
      showText();
      if (message) announce(message);
      return change;
    } catch (error) {
      onFailure();
      if (error.code === "revision_conflict") await load();
      if (error.status !== 401) showMessage(error);
      return null;
    }
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

  const unsubscribe = clock.onTime(follower.onTime);
  return {
    node: layout.node,
    // Call when the recording's documents may have changed. `offsetS`: the time of the player at which the transcript's times begin.
    async refresh(offsetS) {
      clock.setOffset(offsetS);
      if (!isLoaded) return load();
      await refreshLoaded().catch(() => {}); // the next change of the recording refreshes again
    },
    destroy() {
      unsubscribe();
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
    h("p", { class: "hint" }, t("Click a word to play from it; double-click it, or press E, to correct. Press ? for all keys.")),
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
    isFollowing: () => follow.checked,
    update() {
      undo.disabled = !transcript.undoSteps;
      redo.disabled = !transcript.redoSteps;
    },
  };
}
