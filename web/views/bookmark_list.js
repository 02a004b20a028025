// The user's own bookmarks of a recording: moments with notes. A note is saved when its field is left.

import * as api from "../api.js";
import { draftsOf } from "../drafts.js";
import { formatDuration } from "../format.js";
import { t } from "../i18n.js";
import { announce, button, errorNote, h, icon, replaceContent } from "./dom.js";
import { keepDraft } from "./draft_field.js";

// `media`: the player. `showPanel()`: makes the list visible.
export function bookmarkList(recordingId, media, { showPanel }) {
  const list = h("ol", { class: "bookmarks" });
  const empty = h("p", { class: "empty-state" }, t("Mark moments that you want to find again, and write down what you think. Only you see your notes."));
  const exportHint = h("p", { class: "hint", hidden: true }, t("The zip file of all documents has your notes, too."));
  const messages = h("div", { class: "messages" });
  const addButton = button(t("Add a note here"), { iconName: "bookmark", on: { click: add } });
  const time = h("span", { class: "meta" });
  const node = h("section", { class: "stack" }, h("div", { class: "row" }, addButton, time), messages, empty, list, exportHint);
  const drafts = draftsOf(`notes.${recordingId}`);
  let bookmarks = [];
  let isLoaded = false;

  async function load() {
    try {
      ({ bookmarks } = await api.listBookmarks(recordingId));
      show();
      isLoaded = true;
      await addDeletedAgain();
    } catch (error) {
      if (error.status !== 401) replaceContent(messages, errorNote(error));
    }
  }

  // A note that was deleted elsewhere while it was typed is added again.
  async function addDeletedAgain() {
    for (const [id, draft] of Object.entries(drafts.all())) {
      if (bookmarks.some((bookmark) => String(bookmark.id) === id)) continue;
      const { id: newId } = await api.addBookmark(recordingId, draft.timeS);
      bookmarks.push(await api.changeBookmark(recordingId, newId, { text: draft.text.trim() }));
      drafts.remove(id);
      show();
    }
  }

  function show() {
    bookmarks.sort((one, other) => one.time_s - other.time_s);
    replaceContent(list, bookmarks.map(item));
    empty.hidden = bookmarks.length > 0;
    exportHint.hidden = !bookmarks.length;
    media.setBookmarks(bookmarks.map((bookmark) => bookmark.time_s));
  }

  function item(bookmark) {
    const start = formatDuration(bookmark.time_s);
    const seekButton = h("button", { type: "button", class: "segment-time", "aria-label": t("Play from {time}", { time: start }), on: { click: () => media.seek(bookmark.time_s) } }, start);
    const note = h("textarea", { class: "note-field", rows: 1, maxlength: 5000, dir: "auto", "aria-label": t("Note at {time}", { time: start }), placeholder: t("Write a note"), "data-id": bookmark.id });
    note.value = bookmark.text;
    const noteBox = h("div", {}, note);
    const draft = keepDraft(note, drafts, bookmark.id, { timeS: bookmark.time_s });
    const saveNote = () => save(bookmark, note, draft);
    note.addEventListener("blur", saveNote);
    if (draft.state === "restored" && !isLoaded) saveNote(); // the page was left while it was typed
    note.addEventListener("keydown", (event) => {
      if (event.key === "Escape" || (event.key === "Enter" && (event.ctrlKey || event.metaKey))) {
        event.preventDefault();
        seekButton.focus();
      }
    });
    const deleteButton = h("button", { type: "button", class: "control", "aria-label": t("Delete the note at {time}", { time: start }), on: { click: () => remove(bookmark) } }, icon("delete"));
    return h("li", { class: "bookmark" }, seekButton, noteBox, deleteButton);
  }

  async function add() {
    const timeS = Math.floor(Math.round(media.timeS() * 1000) / 100) / 10; // in the second that the player shows
    showPanel();
    await act(async () => {
      const bookmark = await api.addBookmark(recordingId, timeS);
      bookmarks.push(bookmark);
      show();
      list.querySelector(`[data-id="${bookmark.id}"]`).focus();
    });
  }

  async function save(bookmark, note, draft) {
    const text = note.value.trim();
    if (text === bookmark.text) return draft.saved(note.value);
    const input = note.value;
    await act(async () => {
      bookmark.text = (await api.changeBookmark(recordingId, bookmark.id, { text })).text;
      draft.saved(input);
      announce(t("Saved."));
    });
  }

  async function remove(bookmark) {
    await act(async () => {
      await api.deleteBookmark(recordingId, bookmark.id);
      drafts.remove(bookmark.id);
      bookmarks = bookmarks.filter((each) => each !== bookmark);
      show();
      announce(t("The note has been deleted."));
      addButton.focus();
    });
  }

  async function act(change) {
    replaceContent(messages);
    try {
      await change();
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  const stopTime = media.onTime((timeS) => (time.textContent = t("at {time}", { time: formatDuration(timeS) })));
  load();
  return { node, add, destroy: stopTime };
}
