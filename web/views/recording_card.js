// One recording in the list.

import * as api from "../api.js";
import { formatDate, formatDuration, formatSize } from "../format.js";
import { t } from "../i18n.js";
import { isActive } from "../job_state.js";
import { confirmDeletion } from "./dialogs.js";
import { button, errorNote, h, icon, replaceContent } from "./dom.js";
import { jobStatus } from "./job_status.js";
import { STATE_LABELS, VISIBILITY_LABELS } from "./labels.js";
import { menuButton } from "./menu.js";
import { convertAgainDialog, editDialog } from "./recording_dialogs.js";
import { publishDialog } from "./publish_dialog.js";
import { shareDialog } from "./share_dialog.js";

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

// Calls `onChanged(recording)` and `onDeleted(recording, message)`, when it leaves the list, after the user's changes.
export function recordingCard(initial, { events, onChanged, onDeleted }) {
  let recording = initial;
  const titleId = `recording-${initial.id}`;
  const titleLink = h("a", { href: api.watchUrl(initial.id) });
  const title = h("h3", { id: titleId, tabindex: -1 });
  const details = h("p", { class: "meta" });
  const labels = h("p", { class: "tags" });
  const stateBadge = h("span", { class: "state-badge" });
  const messages = h("div", { class: "messages" });
  const status = jobStatus({
    cancel: (job) => act(async () => onChanged({ ...recording, job: await api.cancelJob(job.id) })),
    retry: (job) => act(async () => onChanged({ ...recording, job: await api.retryJob(job.id) })),
  }, { isCompact: true });
  const openLink = h("a", { class: "button primary", href: api.watchUrl(initial.id) }, icon("play"), h("span", {}, t("Open")));
  const restoreButton = button(t("Restore"), { iconName: "retry", on: { click: restore } });
  const menuItem = (iconName, label, click, className = "") => h("button", { type: "button", class: className, on: { click } }, icon(iconName), label);
  const editItem = menuItem("edit", t("Edit details"), () => editDialog(recording, onChanged));
  const shareItem = menuItem("link", t("Share"), () => shareDialog(recording));
  const publishItem = menuItem("upload", t("Publish on YouTube"), () => publishDialog(recording, events));
  const againItem = menuItem("retry", t("Make again"), () => convertAgainDialog(recording, onChanged));
  const zipItem = h("a", { href: api.documentsZipUrl(initial.id), download: "" }, icon("download"), t("Download all as a zip file"));
  const deleteItem = menuItem("delete", t("Delete"), confirmAndDelete, "danger");
  const menu = menuButton([icon("menu")], [editItem, shareItem, publishItem, againItem, zipItem, deleteItem], { label: t("More for {title}", { title: initial.title }), buttonClass: "button quiet menu-opener" });
  const opener = menu.node.querySelector("button");
  const poster = recordingPoster(initial.id);
  const head = h("div", { class: "recording-head" }, poster.node, h("div", {}, title, details, labels), stateBadge);
  const node = h(
    "li",
    { class: "card recording" },
    h("article", { "aria-labelledby": titleId }, head, messages, status.node, h("div", { class: "row actions" }, openLink, restoreButton, menu.node)),
  );

  async function act(change) {
    replaceContent(messages);
    try {
      await change();
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  async function confirmAndDelete() {
    const isInTrash = Boolean(recording.deleted_at);
    if (!(await confirmDeletion(recording.title, isInTrash))) return;
    await act(async () => {
      await api.deleteRecording(recording.id, isInTrash);
      onDeleted(recording);
    });
  }

  function restore() {
    return act(async () => {
      await api.restoreRecording(recording.id);
      onDeleted(recording, t("{title} was restored.", { title: recording.title }));
    });
  }

  function update(next) {
    recording = next;
    const hadFocus = status.node.contains(document.activeElement);
    titleLink.textContent = next.title;
    replaceContent(title, hasFile(next) && !next.deleted_at ? titleLink : next.title);
    details.textContent = recordingDetails(next);
    replaceContent(labels, next.visibility !== "PRIVATE" && h("span", { class: "tag shared" }, VISIBILITY_LABELS[next.visibility]), next.tags.map((tag) => h("span", { class: "tag" }, tag)));
    poster.update(next);
    openLink.hidden = !hasFile(next) || Boolean(next.deleted_at);
    restoreButton.hidden = !next.deleted_at;
    editItem.hidden = Boolean(next.deleted_at);
    shareItem.hidden = !hasFile(next) || Boolean(next.deleted_at);
    publishItem.hidden = shareItem.hidden || !next.media?.video;
    againItem.hidden = !hasFile(next) || Boolean(next.deleted_at) || isActive(next.job);
    zipItem.hidden = !next.artifacts.length || Boolean(next.deleted_at);
    deleteItem.lastChild.textContent = next.deleted_at ? t("Delete for good") : t("Delete");
    const state = next.job?.state ?? "";
    stateBadge.textContent = STATE_LABELS[state] ?? state;
    stateBadge.className = `state-badge state-${state}`;
    openLink.setAttribute("aria-label", t("Open {title}", { title: next.title }));
    opener.setAttribute("aria-label", t("More for {title}", { title: next.title }));
    status.update(next);
    if (hadFocus && !status.node.contains(document.activeElement)) title.focus({ preventScroll: true }); // the focused button was removed
  }

  update(initial);
  return { node, update, focus: () => title.focus(), current: () => recording };
}
