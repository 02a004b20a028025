// The corrections of a recording's slides as the server knows them. Changes are sent one after another; each is a step that can be undone.

import { inTurn } from "./in_turn.js";
import * as api from "./slide_edits_api.js";

// `onState(state, message)`: called with the state after each change; `onError(error)`: after one that failed.
export function slideEditSession(recordingId, { onState, onError }) {
  const queue = inTurn();
  let state = null;
  const run = (action, message = "") => queue(() => send(action, message));
  const change = (action, fields, message) => run(() => api.addSlideEdit(recordingId, { action, ...fields }, state.revision), message);

  async function send(action, message) {
    let failure = null;
    try {
      state = await action();
    } catch (error) {
      failure = error;
      if (error.code === "slides_changed") state = await api.getSlideEdits(recordingId).catch(() => state);
    }
    if (state) await onState(state, failure ? "" : message);
    if (failure) onError(failure);
  }

  // The place is that of the slide when its turn comes.
  function move({ key }, step, message) {
    return run(() => {
      const position = state.slides.findIndex((each) => each.key === key) + step;
      const isInside = position >= 0 && position < state.slides.length;
      return isInside ? api.addSlideEdit(recordingId, { action: "move", slide: key, position }, state.revision) : state;
    }, message);
  }

  return {
    load: () => run(() => api.getSlideEdits(recordingId)),
    undo: (message) => run(() => api.undoSlideEdit(recordingId, state.revision), message),
    redo: (message) => run(() => api.redoSlideEdit(recordingId, state.revision), message),
    change,
    move,
    slides: () => state.slides,
  };
}
