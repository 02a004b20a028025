// The user's recordings. Events of their jobs update the list.

import * as api from "../api.js";
import { coalesce } from "../coalesce.js";
import { applyEvent } from "../job_state.js";
import { announce, button, errorNote, h, render } from "./dom.js";
import { recordingCard } from "./recording_card.js";

const PAGE_SIZE = 20;

export function recordingList(events) {
  const list = h("ul", { class: "recordings" });
  const heading = h("h2", { id: "recordings-title", tabindex: -1 }, "Your recordings");
  const count = h("span", { class: "count" });
  const messages = h("div", { class: "messages" });
  const footer = h("div", { class: "list-footer" });
  const node = h("section", { "aria-labelledby": "recordings-title" }, h("div", { class: "list-head" }, heading, count), messages, list, footer);
  const cards = new Map();
  let pages = 1;
  let total = 0;
  let revision = 0; // counts the user's changes: answers from before a change are out of date

  const load = coalesce(async function loadPages() {
    const revisionBefore = revision;
    const results = await Promise.all(Array.from({ length: pages }, (_, index) => api.listRecordings(index + 1, PAGE_SIZE)));
    if (revisionBefore !== revision) return loadPages();
    total = results[0].total;
    const recordings = results.flatMap((result) => result.recordings);
    const ids = new Set(recordings.map((recording) => recording.id));
    for (const id of cards.keys()) if (!ids.has(id)) removeCard(id);
    recordings.forEach((recording, index) => placeCard(recording, index));
    renderSummary();
  });

  async function refresh() {
    try {
      await load();
      render(messages);
    } catch (error) {
      if (error.status !== 401) render(messages, errorNote({ message: error.message, hint: "Trying again automatically." }));
    }
  }

  function onEvent(event) {
    const card = cards.get(event.recording_id);
    if (!card) return event.kind === "queued" && refresh(); // uploaded elsewhere
    const recording = applyEvent(card.current(), event);
    if (recording) card.update(recording);
    else reload(event.recording_id);
  }

  async function reload(id) {
    const revisionBefore = revision;
    const recording = await api.getRecording(id).catch(() => null);
    if (!recording || revisionBefore !== revision) return refresh();
    cards.get(id)?.update(recording);
  }

  function placeCard(recording, index) {
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

  function renderSummary() {
    count.textContent = total ? String(total) : "";
    const moreButton = total > cards.size && button("Show older recordings", { on: { click: showOlder } });
    const emptyState = !total && h("p", { class: "empty-state" }, "No recordings yet. Your uploads will appear here.");
    render(footer, moreButton, emptyState);
  }

  async function showOlder() {
    pages += 1;
    await refresh();
  }

  function onChanged(recording) {
    revision += 1;
    cards.get(recording.id)?.update(recording);
  }

  function onDeleted(recording) {
    revision += 1;
    const { node: removed } = cards.get(recording.id);
    const sibling = removed.nextElementSibling ?? removed.previousElementSibling;
    const neighbour = [...cards.values()].find((card) => card.node === sibling) ?? heading;
    removeCard(recording.id);
    total -= 1;
    renderSummary();
    announce(`${recording.title} was deleted.`);
    neighbour.focus();
  }

  function add(recording) {
    revision += 1;
    if (!cards.has(recording.id)) total += 1; // an event may have loaded it already
    placeCard(recording, 0);
    renderSummary();
    cards.get(recording.id).focus();
  }

  const unsubscribe = events.subscribe({ refresh, onEvent });
  return { node, add, destroy: unsubscribe };
}
