// The user's newest batches: progress, items and actions. Hidden while there are none.

import * as api from "../api.js";
import { coalesce } from "../coalesce.js";
import { formatDuration } from "../format.js";
import { t, tn } from "../i18n.js";
import { serverText } from "../server_text.js";
import { announce, button, errorNote, h, icon, replaceContent } from "./dom.js";
import { BATCH_ITEM_LABELS, BATCH_STATE_LABELS } from "./labels.js";

const MAX_BATCHES = 5;
const REFRESH_MS = 4000; // no event reports that an item waits for another one
const FINISHED = ["completed", "known", "failed", "cancelled", "deleted"];
const UNFINISHED = ["queued", "downloading", "converting"];
const RETRYABLE = ["failed", "cancelled"];

export function batchList(events) {
  const list = h("ul", { class: "recordings" });
  const messages = h("div", { class: "messages" });
  const node = h("section", { class: "batches", "aria-labelledby": "batches-title", hidden: true }, h("h2", { id: "batches-title", tabindex: -1 }, t("Batches")), messages, list);
  const cards = new Map();
  let timer = 0;

  const load = coalesce(async () => {
    const { batches } = await api.listBatches(MAX_BATCHES);
    const ids = new Set(batches.map((batch) => batch.id));
    for (const [id, card] of cards) {
      if (ids.has(id)) continue;
      card.node.remove();
      cards.delete(id);
    }
    batches.forEach((batch, index) => upsert(batch, index));
    node.hidden = !batches.length;
    clearTimeout(timer);
    timer = batches.some(isChanging) ? setTimeout(() => document.hidden || refresh(), REFRESH_MS) : 0;
  });

  async function refresh() {
    try {
      await load();
      replaceContent(messages);
    } catch (error) {
      if (error.status !== 401) replaceContent(messages, errorNote(error));
    }
  }

  function upsert(batch, index) {
    let card = cards.get(batch.id);
    if (!card) {
      card = batchCard(batch, { act });
      cards.set(batch.id, card);
    }
    card.update(batch);
    if (list.children[index] !== card.node) list.insertBefore(card.node, list.children[index] ?? null);
  }

  async function act(change) {
    try {
      await change();
      await refresh();
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  async function add(batch) {
    await refresh();
    cards.get(batch.id)?.focus();
  }

  const unsubscribe = events.subscribe({ refresh, onEvent: (event) => event.kind !== "progress" && timer && refresh() });
  return {
    node,
    add,
    destroy() {
      unsubscribe();
      clearTimeout(timer);
    },
  };
}

const isActive = (batch) => ["listing", "running"].includes(batch.state);
const isChanging = (batch) => isActive(batch) || countOf(batch, UNFINISHED) > 0; // the jobs of a cancelled batch end a moment later
const countOf = (batch, states) => states.reduce((sum, state) => sum + (batch.counts[state] ?? 0), 0);
const titleOf = (batch) => batch.title || batch.url;

function batchCard(initial, { act }) {
  let batch = initial;
  const titleId = `batch-${initial.id}`;
  const title = h("h3", { id: titleId, tabindex: -1 });
  const summary = h("p", { class: "meta" });
  const badge = h("span", { class: "state-badge" });
  const bar = h("progress", { max: 1 });
  const notes = h("div", { class: "messages" });
  const itemList = h("ul", { class: "batch-items" });
  const items = h("details", { class: "advanced" }, h("summary", {}, t("Recordings")), itemList);
  const cancelButton = button(t("Cancel all"), { iconName: "close", variant: "quiet", on: { click: () => act(() => api.cancelBatch(batch.id)) } });
  const retryButton = button(t("Try again"), { iconName: "retry", variant: "quiet", on: { click: () => act(() => api.retryBatch(batch.id)) } });
  const removeButton = button(t("Remove from this list"), { iconName: "delete", variant: "quiet", on: { click: () => act(remove) } });
  const head = h("div", { class: "recording-head" }, h("span", { class: "media-icon" }, icon("link")), h("div", {}, title, summary), badge);
  const actions = h("div", { class: "row actions" }, cancelButton, retryButton, removeButton);
  const node = h("li", { class: "card recording" }, h("article", { "aria-labelledby": titleId }, head, bar, notes, items, actions));

  let loading = null; // the running request for the items; `remove` waits for it
  let isRemoved = false;

  async function remove() {
    isRemoved = true;
    await loading?.catch(() => {});
    try {
      await api.deleteBatch(batch.id);
    } catch (error) {
      isRemoved = false;
      throw error;
    }
  }

  async function loadItems() {
    if (isRemoved) return;
    try {
      loading = api.getBatch(batch.id).finally(() => (loading = null));
      replaceContent(itemList, (await loading).items.map(itemRow));
    } catch (error) {
      if (error.status !== 401) replaceContent(itemList, h("li", {}, errorNote(error)));
    }
  }

  function update(next) {
    if (next.state !== batch.state) announce(`${titleOf(next)}: ${BATCH_STATE_LABELS[next.state].toLowerCase()}`);
    batch = next;
    title.textContent = titleOf(next);
    summary.textContent = summaryOf(next);
    badge.textContent = BATCH_STATE_LABELS[next.state];
    badge.className = `state-badge state-${next.state === "completed" ? "succeeded" : next.state}`;
    bar.hidden = !isActive(next);
    bar.setAttribute("aria-label", t("Progress of {title}", { title: titleOf(next) }));
    if (next.total) bar.value = countOf(next, FINISHED) / next.total;
    else bar.removeAttribute("value");
    replaceContent(
      notes,
      next.error && errorNote(next.error),
      next.wait_reason && h("p", { class: "note note-warning" }, serverText(next.wait_reason)),
      next.is_truncated && h("p", { class: "note note-warning" }, tn("The list is longer; the first {count} recording is imported.", "The list is longer; the first {count} recordings are imported.", next.total)),
    );
    items.hidden = !next.total;
    cancelButton.hidden = !isActive(next);
    retryButton.hidden = isActive(next) || !(countOf(next, RETRYABLE) || next.error);
    removeButton.hidden = isActive(next);
    const values = { title: titleOf(next) };
    cancelButton.setAttribute("aria-label", t("Cancel all of {title}", values));
    retryButton.setAttribute("aria-label", t("Try again: {title}", values));
    removeButton.setAttribute("aria-label", t("Remove from this list: {title}", values));
    if (items.open) loadItems();
  }

  items.addEventListener("toggle", () => items.open && loadItems());
  return { node, update, focus: () => title.focus() };
}

function summaryOf(batch) {
  if (!batch.total) return batch.url;
  const parts = [
    [tn("{ready} of {count} recording ready", "{ready} of {count} recordings ready", batch.total, { ready: countOf(batch, ["completed"]) }), true],
    [t("{count} in your library already", { count: countOf(batch, ["known"]) }), batch.counts.known],
    [t("{count} failed", { count: countOf(batch, ["failed"]) }), batch.counts.failed],
    [t("{count} cancelled", { count: countOf(batch, ["cancelled"]) }), batch.counts.cancelled],
  ];
  return parts.filter(([, isShown]) => isShown).map(([text]) => text).join(" · ");
}

function itemRow(item) {
  const name = item.title || item.url;
  const title = item.recording_id ? h("a", { href: api.watchUrl(item.recording_id) }, name) : h("span", {}, name);
  const isRunning = ["downloading", "converting"].includes(item.state);
  const state = isRunning ? `${BATCH_ITEM_LABELS[item.state]}, ${Math.floor(item.progress)} %` : BATCH_ITEM_LABELS[item.state];
  const duration = item.duration_s ? formatDuration(item.duration_s) : "";
  return h(
    "li",
    {},
    h("div", { class: "batch-item" }, title, h("span", { class: "meta" }, [duration, state].filter(Boolean).join(" · "))),
    item.error && h("p", { class: "hint error-text" }, serverText(`${item.error.message} ${item.error.hint}`)),
  );
}
