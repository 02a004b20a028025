// Whether the documents show the current words and slides. Notes at several places of the page say so and offer to write them again.

import { t } from "../i18n.js";
import { announce, button, errorNote, h, replaceContent } from "./dom.js";

const TEXTS = { words: t("The documents show an older text."), slides: t("The documents show the slides as they were before.") };

// `requests`: { words(), slides() }: each asks the server for documents that show the present ones, and returns a promise.
export function outdatedDocuments(requests) {
  const outdated = new Set(); // of the names of TEXTS
  const updates = [];
  let isWriting = false;
  let message = "";
  let error = null;

  function show() {
    for (const update of updates) update();
  }

  function setMessage(text) {
    message = text;
    if (text) announce(text);
  }

  async function renderDocuments() {
    try {
      for (const name of [...outdated]) {
        await requests[name]();
        outdated.delete(name);
      }
      error = null;
      isWriting = true;
      setMessage(t("The documents are being written."));
    } catch (failure) {
      error = failure.status === 401 ? null : failure;
    }
    show();
  }

  return {
    // `isCurrent`: whether the documents show the current words or slides, or were requested with them.
    set(name, isCurrent) {
      if (isCurrent) outdated.delete(name);
      else outdated.add(name);
      if (outdated.size && !isWriting) message = "";
      show();
    },
    // Call when a job has ended; `hasSucceeded` says how.
    finish(hasSucceeded) {
      if (!isWriting) return;
      isWriting = false;
      setMessage(hasSucceeded && !outdated.size ? t("The documents are up to date.") : "");
      show();
    },
    // A node about these parts of the documents, hidden while there is nothing to say.
    note(names = Object.keys(TEXTS)) {
      const lines = names.map((name) => h("p", {}, TEXTS[name]));
      const status = h("p", { class: "note", tabindex: -1 });
      const render = button(t("Update the documents"), { on: { click: () => renderDocuments().then(() => status.focus()) } });
      const offer = h("div", { class: "note row between" }, h("div", {}, lines), render);
      const errors = h("div", { class: "messages" });
      const node = h("div", { class: "documents-note stack" }, errors, offer, status);
      const update = () => {
        lines.forEach((line, index) => (line.hidden = !outdated.has(names[index])));
        offer.hidden = lines.every((line) => line.hidden);
        status.textContent = message;
        status.hidden = !message || !offer.hidden;
        replaceContent(errors, error && errorNote(error));
        node.hidden = offer.hidden && status.hidden && !error;
      };
      updates.push(update);
      update();
      return {
        node,
        destroy() {
          updates.splice(updates.indexOf(update), 1);
        },
      };
    },
  };
}
