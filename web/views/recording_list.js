// The user's recordings. Events of their jobs update the list.

import * as api from "../api.js";
import { coalesce } from "../coalesce.js";
import { t } from "../i18n.js";
import { applyEvent } from "../job_state.js";
import { pagedItems } from "../paged_items.js";
import { announce, errorNote, h, icon, replaceContent } from "./dom.js";
import { STATE_LABELS } from "./labels.js";
import { librarySearch } from "./library_search.js";
import { librarySelection } from "./library_selection.js";
import { recordingCard } from "./recording_card.js";
import { virtualList } from "./virtual_list.js";

const AHEAD = 20; // recordings that are loaded before they come near the window

export function recordingList(events) {
  const list = h("div", { class: "recordings", role: "list", "aria-labelledby": "recordings-title" });
  const heading = h("h2", { id: "recordings-title", tabindex: -1 }, t("Your recordings"));
  const count = h("span", { class: "count" });
  const messages = h("div", { class: "messages" });
  const footer = h("div", { class: "list-footer" });
  const state = selectOf(t("State"), { "": t("All states"), queued: STATE_LABELS.queued, running: STATE_LABELS.running, succeeded: STATE_LABELS.succeeded, failed: STATE_LABELS.failed, cancelled: STATE_LABELS.cancelled });
  const sort = selectOf(t("Order"), { newest: t("Newest first"), oldest: t("Oldest first"), title: t("By title"), longest: t("Longest first") });
  const trash = toggle(t("Trash"), "delete", () => applyFilters());
  const compact = toggle(t("Compact list"), "list", () => {
    list.classList.toggle("compact", isPressed(compact));
    rows.reset();
  });
  const cards = new Map();
  const select = toggle(t("Select several"), "check", () => {
    list.classList.toggle("selecting", isPressed(select));
    selection.show(isPressed(select));
  });
  const selection = librarySelection({ cards, loadAll: () => recordings.loadAll(), isTrash: () => isPressed(trash), onChanged, onRemoved, onDone: () => select.click() });
  const search = librarySearch((isActive) => {
    for (const part of [list, footer, filterRow, ...(isPressed(select) ? [selection.node] : [])]) part.hidden = isActive;
  });
  const filterRow = h("div", { class: "list-filters" }, state, sort, h("div", { class: "list-toggles" }, compact, select, trash));
  const node = h("section", { "aria-labelledby": "recordings-title" }, h("div", { class: "list-head" }, heading, count, filterRow), search.node, selection.node, messages, list, footer);
  const recordings = pagedItems({ loadPage, neededRange, onChange: show });
  const rows = virtualList(list, { nodeAt, onNear: loadNeeded });
  const refresh = coalesce(recordings.refresh);

  async function loadPage(number, size) {
    const filters = { sort: sort.value, ...(state.value && { state: state.value }), ...(isPressed(trash) && { deleted: true }) };
    const page = await api.listRecordings(number, size, filters);
    return { items: page.recordings, total: page.total };
  }

  function neededRange() {
    const [from, to] = rows.range();
    return [from - AHEAD, to + AHEAD];
  }

  function nodeAt(position) {
    const recording = recordings.at(position);
    return recording ? cardOf(recording).node : null;
  }

  function cardOf(recording) {
    const card = cards.get(recording.id);
    if (!card) return addCard(recording);
    if (card.current() !== recording) card.update(recording);
    return card;
  }

  function addCard(recording) {
    const card = recordingCard(recording, { events, onChanged, onDeleted });
    cards.set(recording.id, card);
    selection.addTo(card);
    return card;
  }

  function show() {
    rows.show(recordings.total());
    for (const [id, card] of cards) if (!list.contains(card.node)) cards.delete(id);
    count.textContent = recordings.total() || "";
    replaceContent(footer, !recordings.total() && h("p", { class: "empty-state" }, emptyText()));
    selection.update();
  }

  function emptyText() {
    if (isPressed(trash)) return t("The trash is empty.");
    return state.value ? t("No recording has this state.") : t("No recordings yet. Your uploads will appear here.");
  }

  async function showingErrors(load) {
    try {
      await load();
      replaceContent(messages);
    } catch (error) {
      if (error.status !== 401) replaceContent(messages, errorNote({ message: error.message, hint: t("Trying again automatically.") }));
    }
  }

  function refreshList() {
    return showingErrors(refresh);
  }

  function loadNeeded() {
    if (recordings.isIncomplete()) showingErrors(recordings.loadNeeded);
  }

  function applyFilters() {
    heading.textContent = isPressed(trash) ? t("Trash") : t("Your recordings");
    recordings.recordLocalChange();
    selection.clear();
    return refreshList();
  }

  function onEvent(event) {
    const recording = recordings.find(event.recording_id);
    if (!recording) return event.kind === "queued" && refreshList(); // uploaded in another tab or by another client
    const updatedRecording = applyEvent(recording, event);
    if (updatedRecording) recordings.update(updatedRecording);
    else reload(event.recording_id);
  }

  async function reload(id) {
    const recording = await recordings.reading(() => api.getRecording(id));
    if (recording) recordings.update(recording);
    else refreshList();
  }

  function onChanged(recording) {
    recordings.recordLocalChange();
    recordings.update(recording);
  }

  function onDeleted(recording, message = t("{title} was deleted.", { title: recording.title })) {
    const position = recordings.positionOf(recording.id); // -1 if the list was loaded before the response to the deletion
    selection.forget(recording.id);
    recordings.remove(recording.id);
    loadNeeded();
    announce(message);
    const next = position >= 0 && (recordings.at(position) ?? recordings.at(position - 1));
    if (next) focusOn(next);
    else heading.focus();
  }

  function onRemoved(ids) {
    for (const id of ids) recordings.remove(id);
    loadNeeded();
    heading.focus();
  }

  function add(recording) {
    recordings.recordLocalChange();
    if (state.value || isPressed(trash) || sort.value !== "newest") return refreshList(); // its place is unknown
    if (recordings.find(recording.id)) recordings.update(recording); // an event may have loaded it already
    else recordings.addFirst(recording);
    focusOn(recording);
  }

  function focusOn({ id }) {
    rows.reveal(recordings.positionOf(id));
    (cards.get(id) ?? heading).focus();
  }

  // Whoever comes back from a recording finds the list as it was.
  function remember() {
    const library = { state: state.value, sort: sort.value, isTrash: isPressed(trash), isCompact: isPressed(compact), position: rows.firstInWindow() };
    history.replaceState({ ...history.state, library }, "");
  }

  async function restore({ state: stateBefore, sort: sortBefore, isTrash, isCompact, position }) {
    state.value = stateBefore;
    sort.value = sortBefore;
    if (isTrash) press(trash);
    if (isCompact) compact.click();
    await applyFilters();
    if (position) requestAnimationFrame(() => requestAnimationFrame(() => rows.scrollTo(position))); // when the height of an item is known
  }

  for (const control of [state, sort]) control.addEventListener("change", applyFilters);
  addEventListener("pagehide", remember);
  if (history.state?.library) restore(history.state.library);
  const unsubscribe = events.subscribe({ refresh: refreshList, onEvent });
  return {
    node,
    add,
    destroy() {
      removeEventListener("pagehide", remember);
      unsubscribe();
      rows.destroy();
      search.destroy();
    },
  };
}

function selectOf(label, options) {
  return h("select", { "aria-label": label }, Object.entries(options).map(([value, text]) => h("option", { value }, text)));
}

const isPressed = (control) => control.getAttribute("aria-pressed") === "true";
const press = (control) => control.setAttribute("aria-pressed", "true");

// A button that is on or off.
function toggle(label, iconName, onToggle) {
  const click = () => {
    control.setAttribute("aria-pressed", String(!isPressed(control)));
    onToggle();
  };
  const control = h("button", { type: "button", class: "control", "aria-label": label, title: label, "aria-pressed": "false", on: { click } }, icon(iconName));
  return control;
}
