// One script in the list: its state while it is written, then its outline.

import { basePath } from "../../base_path.js";
import { formatDate, formatLength } from "../../format.js";
import { t, tn } from "../../i18n.js";
import { cancelJob, retryJob } from "../../api.js";
import * as api from "../../lessons_api.js";
import { serverText } from "../../server_text.js";
import { askFor } from "../dialogs.js";
import { button, errorNote, h, icon, replaceContent } from "../dom.js";
import { sceneTitle } from "./scene_kinds.js";

const APPROACHES = {
  overview: t("Overview"),
  step_by_step: t("Step by step"),
  questions: t("Questions"),
  slides: t("The slides as they are"),
};
const STATES = {
  waiting: t("Waiting"),
  writing: t("Being written"),
  ready: t("Ready"),
  failed: t("Failed"),
  cancelled: t("Cancelled"),
  unusable: t("Needs a new version"),
};

const isPending = ({ state }) => state === "writing" || state === "waiting";

export const editorUrl = (id) => `${basePath}/lessons/${encodeURIComponent(id)}`;

// `isOpen`: show the outline as soon as the script is written. Return { node, update(script), showProgress(event), jobId(), focus() }.
export function scriptCard(initial, { isOpen, onChanged }) {
  let script = initial;
  let isOutlineLoaded = false;
  const titleId = `script-${initial.id}`;
  const title = h("h3", { id: titleId, tabindex: -1 });
  const details = h("p", { class: "meta" });
  const badge = h("span", { class: "state-badge" });
  const bar = h("progress", { max: 100 });
  const messages = h("div", { class: "messages" });
  const outline = h("ol", { class: "outline" });
  const outlineDetails = h("details", { class: "advanced", on: { toggle: () => outlineDetails.open && loadOutline() } }, h("summary", {}, t("Scenes")), outline);
  const edit = h("a", { class: "button primary", href: editorUrl(initial.id) }, icon("edit"), h("span", {}, t("Edit and render")));
  const retry = button(t("Try again"), { iconName: "retry", on: { click: () => act(() => retryJob(script.writing.job_id)) } });
  const cancel = button(t("Cancel"), { iconName: "close", variant: "quiet", on: { click: () => act(() => cancelJob(script.writing.job_id)) } });
  const remove = button(t("Delete"), { iconName: "delete", variant: "quiet", on: { click: confirmAndDelete } });
  const node = h(
    "article",
    { class: "card script-card", "aria-labelledby": titleId },
    h("div", { class: "row between" }, h("span", { class: "tag" }, APPROACHES[initial.approach] ?? t("Script")), badge),
    title,
    details,
    bar,
    messages,
    outlineDetails,
    h("div", { class: "row actions" }, edit, retry, cancel, remove),
  );

  async function act(action) {
    try {
      await action();
      await onChanged();
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  async function confirmAndDelete() {
    if (!(await askFor(t("Delete this script?"), t("Delete"), { variant: "danger", text: t("Its versions are deleted too. Videos of it stay.") }))) return;
    await act(() => api.deleteScript(script.id));
  }

  async function loadOutline() {
    if (isOutlineLoaded || script.state !== "ready") return;
    isOutlineLoaded = true;
    try {
      const { script: content } = await api.getScript(script.id);
      replaceContent(outline, content.scenes.map((scene) => h("li", {}, sceneTitle(scene))));
    } catch (error) {
      isOutlineLoaded = false;
      replaceContent(messages, errorNote(error));
    }
  }

  // A script that waits for its turn is not being written yet.
  function showState({ state }) {
    badge.textContent = STATES[state] ?? state;
  }

  function update(next) {
    const wasReady = script.state === "ready" && script !== next;
    if (next.version !== script.version) isOutlineLoaded = false;
    script = next;
    const { writing } = next;
    title.textContent = next.title || t("Untitled");
    const facts = [formatDate(next.created_at), next.scenes && tn("{count} scene", "{count} scenes", next.scenes), next.duration_s && formatLength(next.duration_s)];
    details.textContent = facts.filter(Boolean).join(" · ");
    showState(next);
    badge.className = `state-badge ${{ ready: "state-succeeded", failed: "state-failed", cancelled: "state-cancelled" }[next.state] ?? ""}`;
    bar.hidden = !isPending(next);
    bar.setAttribute("aria-label", t("Progress of {title}", { title: title.textContent }));
    edit.hidden = outlineDetails.hidden = next.state !== "ready";
    cancel.hidden = !isPending(next) || !writing;
    retry.hidden = !writing || !["failed", "cancelled"].includes(next.state);
    remove.hidden = isPending(next);
    const warnings = (writing?.warnings ?? []).map((warning) => h("p", { class: "note note-warning" }, serverText(warning)));
    replaceContent(messages, writing?.error && errorNote(writing.error), warnings);
    if (isOpen && !wasReady && next.state === "ready") outlineDetails.open = true;
    if (outlineDetails.open) loadOutline();
  }

  update(initial);
  return {
    node,
    update,
    showProgress(event) {
      if (event.progress) bar.value = event.progress;
      if (isPending(script)) showState({ state: "writing" });
    },
    jobId: () => script.writing?.job_id,
    focus: () => title.focus(),
  };
}
