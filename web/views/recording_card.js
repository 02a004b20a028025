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
    replaceContent(node, h("img", { src: recording.has_poster ? api.posterUrl(id) : api.firstSlideUrl(id), alt: "", width: 1280, height: 720, loading: "lazy", decoding: "async", on: { error: showIcon } }));
  }
  return { node, update };
}

// The title, details, labels and state of a recording beside its poster. Return { node, title, update(recording) }.
function cardHead(id) {
  const link = h("a", { href: api.watchUrl(id) });
  const title = h("h3", { id: `recording-${id}`, tabindex: -1 });
  const details = h("p", { class: "meta" });
  const labels = h("p", { class: "tags" });
  const stateBadge = h("span", { class: "state-badge" });
  const poster = recordingPoster(id);

  function update(recording) {
    const state = recording.job?.state ?? "";
    link.textContent = recording.title;
    replaceContent(title, hasFile(recording) && !recording.deleted_at ? link : recording.title);
    details.textContent = recordingDetails(recording);
    const visibility = recording.visibility !== "PRIVATE" && h("span", { class: "tag shared" }, VISIBILITY_LABELS[recording.visibility]);
    replaceContent(labels, visibility, recording.tags.map((tag) => h("span", { class: "tag" }, tag)));
    stateBadge.textContent = STATE_LABELS[state] ?? state;
    stateBadge.className = `state-badge state-${state}`;
    poster.update(recording);
  }

  return { node: h("div", { class: "recording-head" }, poster.node, h("div", {}, title, details, labels), stateBadge), title, update };
}

// The choices of a card's menu.
function menuItems(recording, { events, onChanged, remove }) {
  const item = (iconName, label, click, className = "") => h("button", { type: "button", class: className, on: { click } }, icon(iconName), label);
  if (recording.deleted_at) return [item("delete", t("Delete for good"), remove, "danger")];
  const isStored = hasFile(recording);
  return [
    item("edit", t("Edit details"), () => editDialog(recording, onChanged)),
    isStored && item("link", t("Share"), () => shareDialog(recording)),
    isStored && recording.media?.video && item("upload", t("Publish on YouTube"), () => publishDialog(recording, events)),
    isStored && !isActive(recording.job) && item("retry", t("Make again"), () => convertAgainDialog(recording, onChanged)),
    recording.artifacts.length > 0 && h("a", { href: api.documentsZipUrl(recording.id), download: "" }, icon("download"), t("Download all as a zip file")),
    item("delete", t("Delete"), remove, "danger"),
  ];
}

// Calls `onChanged(recording)` and `onDeleted(recording, message)`, when it leaves the list, after the user's changes.
export function recordingCard(initial, { events, onChanged, onDeleted }) {
  let recording = initial;
  const head = cardHead(initial.id);
  const messages = h("div", { class: "messages" });
  const status = jobStatus({
    cancel: (job) => act(async () => onChanged({ ...recording, job: await api.cancelJob(job.id) })),
    retry: (job) => act(async () => onChanged({ ...recording, job: await api.retryJob(job.id) })),
  }, { isCompact: true });
  const menu = menuButton([icon("menu")], () => menuItems(recording, { events, onChanged, remove: confirmAndDelete }), { label: "", buttonClass: "button quiet menu-opener" });
  const opener = menu.node.firstChild;
  const actions = h("div", { class: "row actions" });
  const mainActions = {
    open: () => h("a", { class: "button primary", href: api.watchUrl(initial.id) }, icon("play"), h("span", {}, t("Open"))),
    restore: () => button(t("Restore"), { iconName: "retry", on: { click: restore } }),
    none: () => null,
  };
  let shownAction = "";
  let box = null; // by which it is chosen
  const node = h("div", { class: "card recording", role: "listitem" }, h("article", { "aria-labelledby": head.title.id }, head.node, messages, status.node, actions));

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

  function showMainAction() {
    const kind = recording.deleted_at ? "restore" : hasFile(recording) ? "open" : "none";
    if (kind !== shownAction) replaceContent(actions, mainActions[kind](), menu.node);
    shownAction = kind;
    actions.querySelector(":scope > a")?.setAttribute("aria-label", t("Open {title}", { title: recording.title }));
  }

  function update(next) {
    recording = next;
    const hadFocus = status.node.contains(document.activeElement);
    head.update(next);
    status.update(next);
    showMainAction();
    opener.setAttribute("aria-label", t("More for {title}", { title: next.title }));
    if (hadFocus && !status.node.contains(document.activeElement)) head.title.focus({ preventScroll: true }); // the focused button was removed
  }

  // Show or remove the box by which the recording is chosen. `onChange(isChosen)`.
  function setSelectable(isSelectable, isChosen, onChange) {
    box?.remove();
    box = null;
    if (!isSelectable) return;
    box = h("input", { type: "checkbox", class: "card-box", "aria-label": t("Select {title}", { title: recording.title }), on: { change: () => onChange(box.checked) } });
    box.checked = isChosen;
    head.node.prepend(box);
  }

  update(initial);
  return {
    node,
    update,
    setSelectable,
    choose(isChosen) {
      if (box) box.checked = isChosen;
    },
    // The whole card is shown, with the progress of a new recording.
    focus() {
      head.title.focus({ preventScroll: true });
      node.scrollIntoView({ block: "nearest" });
    },
    current: () => recording,
  };
}
