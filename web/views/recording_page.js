// One recording: the player beside its documents. Time links in documents lead here.

import * as api from "../api.js";
import { basePath } from "../base_path.js";
import { coalesce } from "../coalesce.js";
import { applyEvent } from "../job_state.js";
import { errorNote, h, icon, render } from "./dom.js";
import { jobStatus } from "./job_status.js";
import { player } from "./player.js";
import { recordingDetails } from "./recording_card.js";

export function recordingPage({ parameter: id, events }) {
  const stage = h("div", {}, h("div", { class: "player-frame" }));
  const title = h("h1", { class: "watch-title", tabindex: -1 }, "\u00a0");
  const details = h("p", { class: "meta" }, "\u00a0");
  const messages = h("div", { class: "messages" });
  const status = jobStatus({
    cancel: (job) => act(() => api.cancelJob(job.id)),
    retry: (job) => act(() => api.retryJob(job.id)),
  });
  const backLink = h("a", { class: "back", href: `${basePath}/` }, icon("back"), h("span", {}, "All recordings"));
  const aside = h("aside", { class: "card watch-aside", "aria-label": "Documents" }, h("h2", {}, "Documents"), status.node);
  const node = h("div", { class: "watch" }, backLink, h("div", { class: "watch-head" }, title, details), messages, stage, aside);
  let recording = null;
  let mediaPlayer = null;

  function update(next) {
    recording = next;
    document.title = `${next.title} · Lectern`;
    title.textContent = next.title;
    details.textContent = recordingDetails(next);
    if (!mediaPlayer) {
      mediaPlayer = player(next);
      render(stage, mediaPlayer.node);
    }
    status.update(next);
  }

  const load = coalesce(async () => update(await api.getRecording(id)));

  async function refresh() {
    try {
      await load();
      render(messages);
    } catch (error) {
      if (error.status === 404) showNotFound();
      else if (error.status !== 401) render(messages, errorNote(error));
    }
  }

  function onEvent(event) {
    if (!recording || event.recording_id !== id) return;
    const next = applyEvent(recording, event);
    if (next) update(next);
    else refresh();
  }

  async function act(change) {
    try {
      await change();
      await refresh();
    } catch (error) {
      render(messages, errorNote(error));
    }
  }

  function showNotFound() {
    unsubscribe();
    const text = h("p", {}, "This recording does not exist, or it belongs to another user.");
    render(node, backLink, h("section", { class: "card narrow", role: "alert" }, h("h1", {}, "Not found"), text));
  }

  const unsubscribe = events.subscribe({ refresh, onEvent });
  return {
    node,
    destroy() {
      unsubscribe();
      mediaPlayer?.destroy();
    },
  };
}
