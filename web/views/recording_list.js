// The user's recordings. Events of their jobs update the list.

import { t } from "../i18n.js";
import { applyEvent } from "../job_state.js";
import { blockList } from "./block_list.js";
import { announce, button, errorNote, h, icon, replaceContent } from "./dom.js";
import { STATE_LABELS } from "./labels.js";
import { librarySearch } from "./library_search.js";
import { librarySelection } from "./library_selection.js";
import { recordingCard } from "./recording_card.js";
import { recordingLoader } from "./recording_loader.js";

const CARDS_AT_ONCE = 10;

export function recordingList(events) {
  const list = h("div", { class: "recordings", role: "list", "aria-labelledby": "recordings-title" });
  const blocks = blockList(list);
  const heading = h("h2", { id: "recordings-title", tabindex: -1 }, t("Your recordings"));
  const count = h("span", { class: "count" });
  const messages = h("div", { class: "messages" });
  const footer = h("div", { class: "list-footer" });
  const state = selectOf(t("State"), { "": t("All states"), queued: STATE_LABELS.queued, running: STATE_LABELS.running, succeeded: STATE_LABELS.succeeded, failed: STATE_LABELS.failed, cancelled: STATE_LABELS.cancelled });
  const sort = selectOf(t("Order"), { newest: t("Newest first"), oldest: t("Oldest first"), title: t("By title"), longest: t("Longest first") });
  const trash = toggle(t("Trash"), "delete", () => applyFilters());
  const compact = toggle(t("Compact list"), "list", () => list.classList.toggle("compact", isPressed(compact)));
  const cards = new Map();
  const select = toggle(t("Select several"), "check", () => {
    list.classList.toggle("selecting", isPressed(select));
    selection.show(isPressed(select));
  });
  const selection = librarySelection({ cards, isTrash: () => isPressed(trash), onChanged, onRemoved, onDone: () => select.click() });
  const search = librarySearch((isActive) => {
    for (const part of [list, footer, filterRow, ...(isPressed(select) ? [selection.node] : [])]) part.hidden = isActive;
  });
  const filterRow = h("div", { class: "list-filters" }, state, sort, compact, select, trash);
  const node = h("section", { "aria-labelledby": "recordings-title" }, h("div", { class: "list-head" }, heading, count, filterRow), search.node, selection.node, messages, list, footer);
  const loader = recordingLoader(showRecordings, () => ({ sort: sort.value, ...(state.value && { state: state.value }), ...(isPressed(trash) && { deleted: true }) }));
  let total = 0;

  async function showRecordings(recordings, newTotal, isCurrent) {
    total = newTotal;
    const ids = new Set(recordings.map((recording) => recording.id));
    for (const id of cards.keys()) if (!ids.has(id)) removeCard(id);
    let place = blocks.first();
    await inTurns(recordings, isCurrent, (recording) => {
      const { node } = upsertCard(recording, place);
      place = blocks.next(node);
    });
    if (!isCurrent()) return;
    showSummary();
    selection.update();
  }

  async function applyFilters() {
    heading.textContent = isPressed(trash) ? t("Trash") : t("Your recordings");
    loader.recordLocalChange();
    loader.showFirstPage();
    selection.update();
    await refreshList();
  }

  async function refreshList() {
    try {
      await loader.loadAll();
      replaceContent(messages);
    } catch (error) {
      if (error.status !== 401) replaceContent(messages, errorNote({ message: error.message, hint: t("Trying again automatically.") }));
    }
  }

  async function refreshCard(id) {
    const recording = await loader.loadOne(id);
    if (!recording) return refreshList();
    cards.get(id)?.update(recording); // a load of the list may have removed the card meanwhile
  }

  function onEvent(event) {
    const card = cards.get(event.recording_id);
    if (!card) return event.kind === "queued" && refreshList(); // uploaded in another tab or by another client
    const recording = applyEvent(card.current(), event);
    if (recording) card.update(recording);
    else refreshCard(event.recording_id);
  }

  // Show a recording before `place`, an item of the list, or at the end if that is null. Return its card.
  function upsertCard(recording, place) {
    let card = cards.get(recording.id);
    if (card) card.update(recording);
    else {
      card = recordingCard(recording, { events, onChanged, onDeleted });
      cards.set(recording.id, card);
      selection.addTo(card);
    }
    if (card.node !== place) blocks.insert(card.node, place);
    return card;
  }

  function removeCard(id) {
    blocks.remove(cards.get(id).node);
    cards.delete(id);
  }

  function showSummary() {
    count.textContent = total ? String(total) : "";
    const moreButton = total > cards.size && button(t("Show more recordings"), { on: { click: showOlder } });
    const emptyState = !total && h("p", { class: "empty-state" }, emptyText());
    replaceContent(footer, moreButton, emptyState);
  }

  function emptyText() {
    if (isPressed(trash)) return t("The trash is empty.");
    return state.value ? t("No recording has this state.") : t("No recordings yet. Your uploads will appear here.");
  }

  async function showOlder() {
    try {
      await loader.loadMore(append);
    } catch (error) {
      if (error.status !== 401) replaceContent(messages, errorNote(error));
    }
  }

  async function append(recordings, isCurrent) {
    await inTurns(recordings, isCurrent, (recording) => {
      if (cards.has(recording.id)) cards.get(recording.id).update(recording);
      else upsertCard(recording, null);
    });
    if (!isCurrent()) return;
    const hadFocus = footer.contains(document.activeElement);
    showSummary();
    if (hadFocus) cards.get(recordings[0]?.id)?.focus(); // the pressed button was replaced
  }

  function onChanged(recording) {
    loader.recordLocalChange();
    cards.get(recording.id)?.update(recording);
  }

  function onDeleted(recording, message = t("{title} was deleted.", { title: recording.title })) {
    loader.recordLocalChange();
    let focusTarget = heading;
    const removedNode = cards.get(recording.id)?.node; // undefined if the list was loaded before the response to the deletion
    if (removedNode) {
      const sibling = blocks.next(removedNode) ?? blocks.previous(removedNode);
      focusTarget = [...cards.values()].find((card) => card.node === sibling) ?? heading;
      removeCard(recording.id);
      total -= 1;
      showSummary();
    }
    announce(message);
    focusTarget.focus();
  }

  function onRemoved(ids) {
    loader.recordLocalChange();
    for (const id of ids) if (cards.has(id)) removeCard(id);
    total -= ids.length;
    showSummary();
    heading.focus();
  }

  function add(recording) {
    loader.recordLocalChange();
    if (state.value || isPressed(trash)) return refreshList(); // it may not belong to what is shown
    if (!cards.has(recording.id)) total += 1; // an event may have loaded it already
    upsertCard(recording, blocks.first());
    showSummary();
    cards.get(recording.id).focus();
  }

  for (const control of [state, sort]) control.addEventListener("change", applyFilters);
  const unsubscribe = events.subscribe({ refresh: refreshList, onEvent });
  return {
    node,
    add,
    destroy() {
      unsubscribe();
      search.destroy();
    },
  };
}

// Call `show(recording, index)` for a few recordings at a time, so that scrolling stays smooth meanwhile, as long as isCurrent().
async function inTurns(recordings, isCurrent, show) {
  for (const [index, recording] of recordings.entries()) {
    if (index && index % CARDS_AT_ONCE === 0) await new Promise((resolve) => setTimeout(resolve));
    if (!isCurrent()) return;
    show(recording, index);
  }
}

function selectOf(label, options) {
  return h("select", { "aria-label": label }, Object.entries(options).map(([value, text]) => h("option", { value }, text)));
}

const isPressed = (control) => control.getAttribute("aria-pressed") === "true";

// A button that is on or off.
function toggle(label, iconName, onToggle) {
  const click = () => {
    control.setAttribute("aria-pressed", String(!isPressed(control)));
    onToggle();
  };
  const control = h("button", { type: "button", class: "control", "aria-label": label, title: label, "aria-pressed": "false", on: { click } }, icon(iconName));
  return control;
}
