// The list of recordings, kept up to date while something is being made.

import * as api from "../api.js";
import { announce, button, h, problem, show } from "./dom.js";
import { poller } from "./poll.js";
import { recordingCard } from "./recording_card.js";
import { active } from "./words.js";

const PAGE = 20;
const LINKS_LIVE_MS = 10 * 60_000;

export function recordingList() {
  const list = h("ul", { class: "recordings" });
  const heading = h("h2", { id: "recordings-title", tabindex: -1 }, "Your recordings");
  const count = h("span", { class: "count" });
  const said = h("div", { class: "said" });
  const tail = h("div", { class: "tail" });
  const node = h("section", { "aria-labelledby": "recordings-title" }, h("div", { class: "list-head" }, heading, count), said, list, tail);
  const cards = new Map();
  let pages = 1;
  let total = 0;
  let writes = 0; // what was asked for before a write is out of date after it
  let loadedAt = 0;
  const polling = poller(look, (error) => show(said, error && problem({ message: error.message, hint: "Trying again by itself." })));

  async function load() {
    const before = writes;
    const answers = await Promise.all(Array.from({ length: pages }, (_, number) => api.recordings(number + 1, PAGE)));
    if (before !== writes) return load();
    total = answers[0].total;
    const found = answers.flatMap((answer) => answer.recordings);
    const known = new Set(found.map((each) => each.id));
    for (const [id, card] of cards) if (!known.has(id)) forget(id, card);
    found.forEach((each, place) => put(each, place));
    loadedAt = Date.now();
    frame();
  }

  function put(recording, place) {
    let card = cards.get(recording.id);
    if (card) card.update(recording);
    else {
      card = recordingCard(recording, { changed, removed });
      cards.set(recording.id, card);
    }
    if (list.children[place] !== card.node) list.insertBefore(card.node, list.children[place] ?? null);
  }

  function forget(id, card) {
    cards.delete(id);
    card.node.remove();
  }

  function frame() {
    count.textContent = total ? String(total) : "";
    const more = total > cards.size && button("Show older ones", { on: { click: older } });
    const empty = !total && h("p", { class: "empty" }, "Nothing here yet. Your first recording will appear in this place.");
    show(tail, more, empty);
  }

  async function older() {
    pages += 1;
    await load().catch((error) => show(said, problem(error)));
  }

  // Jobs are cheap to ask for; the list itself is asked for when one of them has ended or is new.
  async function look() {
    if (!loadedAt) await load();
    const before = writes;
    const running = () => [...cards.values()].map((card) => card.current()).filter((each) => active(each.job));
    if (!running().length) return false;
    const newest = new Map();
    for (const job of await api.jobs()) if (!newest.has(job.recording_id)) newest.set(job.recording_id, job);
    if (before !== writes) return true;
    const stale = running().filter((each) => !active(newest.get(each.id)));
    for (const each of running()) if (active(newest.get(each.id))) cards.get(each.id).update({ ...each, job: newest.get(each.id) });
    if (stale.length) {
      await load();
      document.dispatchEvent(new Event("lectern:ended"));
    }
    return running().length > 0;
  }

  function changed(recording) {
    writes += 1;
    cards.get(recording.id)?.update(recording);
    polling.wake();
  }

  function removed(recording) {
    writes += 1;
    const card = cards.get(recording.id);
    const neighbour = [...cards.values()].find((each) => each.node === (card.node.nextElementSibling ?? card.node.previousElementSibling));
    forget(recording.id, card);
    total -= 1;
    frame();
    announce(`${recording.title} is deleted.`);
    (neighbour ?? { focus: () => heading.focus() }).focus();
  }

  function add(recording) {
    writes += 1;
    total += 1;
    put(recording, 0);
    frame();
    cards.get(recording.id).focus();
    polling.wake();
  }

  // Links that open without signing in run out after a while.
  function seen() {
    if (!document.hidden && loadedAt && Date.now() - loadedAt > LINKS_LIVE_MS) load().catch(() => {});
  }

  document.addEventListener("visibilitychange", seen);
  polling.wake();
  return {
    node,
    add,
    destroy() {
      polling.end();
      document.removeEventListener("visibilitychange", seen);
    },
  };
}
