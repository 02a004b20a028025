// The user's recordings. Events of their jobs update the list.

import { applyEvent } from "../job_state.js";
import { announce, button, errorNote, h, replaceContent } from "./dom.js";
import { recordingCard } from "./recording_card.js";
import { recordingLoader } from "./recording_loader.js";

export function recordingList(events) {
  const list = h("ul", { class: "recordings" });
  const heading = h("h2", { id: "recordings-title", tabindex: -1 }, "Your recordings");
  const count = h("span", { class: "count" });
  const messages = h("div", { class: "messages" });
  const footer = h("div", { class: "list-footer" });
  const node = h("section", { "aria-labelledby": "recordings-title" }, h("div", { class: "list-head" }, heading, count), messages, list, footer);
  const cards = new Map();
  const loader = recordingLoader(showRecordings);
  let total = 0;

  function showRecordings(recordings, newTotal) {
    total = newTotal;
    const ids = new Set(recordings.map((recording) => recording.id));
    for (const id of cards.keys()) if (!ids.has(id)) removeCard(id);
    recordings.forEach((recording, index) => upsertCard(recording, index));
    showSummary();
  }

  async function refreshList() {
    try {
      await loader.loadAll();
      replaceContent(messages);
    } catch (error) {
      if (error.status !== 401) replaceContent(messages, errorNote({ message: error.message, hint: "Trying again automatically." }));
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

  function upsertCard(recording, index) {
    let card = cards.get(recording.id);
    if (card) card.update(recording);
    else {
      card = recordingCard(recording, { onChanged, onDeleted });
      cards.set(recording.id, card);
    }
    if (list.children[index] !== card.node) list.insertBefore(card.node, list.children[index] ?? null);
  }

  function removeCard(id) {
    cards.get(id).node.remove();
    cards.delete(id);
  }

  function showSummary() {
    count.textContent = total ? String(total) : "";
    const moreButton = total > cards.size && button("Show older recordings", { on: { click: showOlder } });
    const emptyState = !total && h("p", { class: "empty-state" }, "No recordings yet. Your uploads will appear here.");
    replaceContent(footer, moreButton, emptyState);
  }

  async function showOlder() {
    loader.showNextPage();
    await refreshList();
  }

  function onChanged(recording) {
    loader.recordLocalChange();
    cards.get(recording.id)?.update(recording);
  }

  function onDeleted(recording) {
    loader.recordLocalChange();
    let focusTarget = heading;
    const removedNode = cards.get(recording.id)?.node; // undefined if the list was loaded before the response to the deletion
    if (removedNode) {
      const sibling = removedNode.nextElementSibling ?? removedNode.previousElementSibling;
      focusTarget = [...cards.values()].find((card) => card.node === sibling) ?? heading;
      removeCard(recording.id);
      total -= 1;
      showSummary();
    }
    announce(`${recording.title} was deleted.`);
    focusTarget.focus();
  }

  function add(recording) {
    loader.recordLocalChange();
    if (!cards.has(recording.id)) total += 1; // an event may have loaded it already
    upsertCard(recording, 0);
    showSummary();
    cards.get(recording.id).focus();
  }

  const unsubscribe = events.subscribe({ refresh: refreshList, onEvent });
  return { node, add, destroy: unsubscribe };
}
