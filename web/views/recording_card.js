// One recording in the list.

import * as api from "../api.js";
import { formatDate, formatDuration, formatSize } from "../format.js";
import { confirmDeletion, promptForTitle } from "./dialogs.js";
import { button, errorNote, h, icon, replaceContent } from "./dom.js";
import { jobStatus } from "./job_status.js";
import { STATE_LABELS } from "./labels.js";

// A link whose download has not ended has no file.
export const hasFile = (recording) => recording.size_bytes > 0;

// One line: date, length, size and file name; for a link without a file: date and link.
export function recordingDetails(recording) {
  if (!hasFile(recording)) return [formatDate(recording.created_at), recording.source_url].join(" · ");
  return [formatDate(recording.created_at), formatDuration(recording.duration_s), formatSize(recording.size_bytes), recording.filename].join(" · ");
}

// The picture of the link's site, else of the first slide, else an icon. Return { node, update(recording) }.
function recordingPoster(id) {
  const node = h("span", { class: "poster" });
  let shownJobId = "";

  function update(recording) {
    const { job } = recording;
    const slideCount = job?.metrics.slides ?? (recording.media.video ? 1 : 0); // a job that only proofreads counts none
    const hasPicture = recording.has_poster || (job?.state === "succeeded" && slideCount > 0);
    if (hasPicture && job?.id === shownJobId) return;
    const showIcon = () => replaceContent(node, icon(hasFile(recording) ? (recording.media.video ? "video" : "audio") : "link"));
    if (!hasPicture) return shownJobId || showIcon();
    shownJobId = job?.id ?? "";
    replaceContent(node, h("img", { src: recording.has_poster ? api.posterUrl(id) : api.firstSlideUrl(id), alt: "", loading: "lazy", on: { error: showIcon } }));
  }
  return { node, update };
}

// Calls `onChanged(recording)` and `onDeleted(recording)` after the user's changes.
export function recordingCard(initial, { onChanged, onDeleted }) {
  let recording = initial;
  const titleId = `recording-${initial.id}`;
  const titleLink = h("a", { href: api.watchUrl(initial.id) });
  const title = h("h3", { id: titleId, tabindex: -1 });
  const details = h("p", { class: "meta" });
  const stateBadge = h("span", { class: "state-badge" });
  const messages = h("div", { class: "messages" });
  const status = jobStatus({
    cancel: (job) => act(async () => onChanged({ ...recording, job: await api.cancelJob(job.id) })),
    retry: (job) => act(async () => onChanged({ ...recording, job: await api.retryJob(job.id) })),
  }, { isCompact: true });
  const openLink = h("a", { class: "button primary", href: api.watchUrl(initial.id) }, icon("play"), h("span", {}, "Open"));
  const renameButton = button("Rename", { iconName: "edit", variant: "quiet", on: { click: rename } });
  const deleteButton = button("Delete", { iconName: "delete", variant: "quiet", on: { click: confirmAndDelete } });
  const poster = recordingPoster(initial.id);
  const head = h("div", { class: "recording-head" }, poster.node, h("div", {}, title, details), stateBadge);
  const node = h(
    "li",
    { class: "card recording" },
    h("article", { "aria-labelledby": titleId }, head, messages, status.node, h("div", { class: "row actions" }, openLink, renameButton, deleteButton)),
  );

  async function act(change) {
    replaceContent(messages);
    try {
      await change();
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  async function rename() {
    const newTitle = await promptForTitle(recording.title);
    if (newTitle && newTitle !== recording.title) await act(async () => onChanged(await api.renameRecording(recording.id, newTitle)));
  }

  async function confirmAndDelete() {
    if (!(await confirmDeletion(recording.title))) return;
    await act(async () => {
      await api.deleteRecording(recording.id);
      onDeleted(recording);
    });
  }

  function update(next) {
    recording = next;
    const hadFocus = status.node.contains(document.activeElement);
    titleLink.textContent = next.title;
    replaceContent(title, hasFile(next) ? titleLink : next.title);
    details.textContent = recordingDetails(next);
    poster.update(next);
    openLink.hidden = !hasFile(next);
    const state = next.job?.state ?? "";
    stateBadge.textContent = STATE_LABELS[state] ?? state;
    stateBadge.className = `state-badge state-${state}`;
    for (const [control, verb] of [[openLink, "Open"], [renameButton, "Rename"], [deleteButton, "Delete"]]) {
      control.setAttribute("aria-label", `${verb} ${next.title}`);
    }
    status.update(next);
    if (hadFocus && !status.node.contains(document.activeElement)) title.focus({ preventScroll: true }); // the focused button was removed
  }

  update(initial);
  return { node, update, focus: () => title.focus(), current: () => recording };
}
