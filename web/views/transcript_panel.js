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
  let offsetS = 0; // where the part that was converted begins in the recording
  const seek = (timeS) => media.seek(offsetS + timeS);
  const save = (view, text) => run(() => transcript.edit(view.segment, text), t("Saved."), () => view.update(view.segment));
  const list = transcriptList(transcript, { seek, save, draft: editDraft(transcript.id), ...pauseWhileEditing(media) });
  const search = transcriptSearch({
    texts: list.texts,
    replaceAll: async (find, replacement) => (await run(() => transcript.replaceAll(find, replacement)))?.written.length ?? 0,
  });
  const corrections = correctionsList(transcript, { run, seek, showMessage });
  const doubtful = doubtfulWords(transcript, { textOf: (segmentId) => list.viewOf(segmentId)?.node.querySelector(".segment-text"), seek, showMessage });
  const tools = editTools(transcript, run);
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
  const node = h("section", { class: "transcript-panel" }, messages, empty, body);
  const follower = transcriptFollower(transcript, list, () => tools.isFollowing() && !node.hidden);
  const onTime = (timeS) => follower.onTime(timeS - offsetS);
  let isLoaded = false;

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
    list.show();
    replaceContent(messages);
    showState();
    search.refresh();
    onTime(media.timeS());
    await corrections.refresh().catch(() => {});
  }

  // Send an edit and show what it changed. A transcript that was changed elsewhere is loaded again.
  async function send(edit, message, onFailure) {
    try {
      const change = await edit();
      list.apply(change);
      showState();
      search.refresh();
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

  function showState() {
    tools.update();
    documents.set("words", transcript.documentsAreCurrent);
  }

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
      follower.clear();
      search.destroy();
      doubtful.destroy();
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
