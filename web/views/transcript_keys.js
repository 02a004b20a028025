// Keys of the transcript that work everywhere on the page: correct the sentence that is played, undo and redo.

import { isPageKey } from "./page_keys.js";

// `actions`: correct(), undo(), redo(). Return { destroy() }.
export function transcriptKeys(isShown, actions) {
  function onKey(event) {
    const action = isPageKey(event) && isShown() && actionOf(event);
    if (!action) return;
    event.preventDefault();
    action();
  }

  function actionOf(event) {
    if (event.altKey) return null;
    const key = event.key.toLowerCase();
    if (!event.ctrlKey && !event.metaKey) return key === "e" || key === "f2" ? actions.correct : null;
    if (key === "z") return event.shiftKey ? actions.redo : actions.undo;
    return key === "y" ? actions.redo : null;
  }

  document.addEventListener("keydown", onKey);
  return { destroy: () => document.removeEventListener("keydown", onKey) };
}
