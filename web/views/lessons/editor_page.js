// The editor of a script: the scenes, the fields of the chosen one with a picture of its slide, and the videos of the script.

import { basePath } from "../../base_path.js";
import { draftsOf } from "../../drafts.js";
import { formatLength } from "../../format.js";
import { t, tn } from "../../i18n.js";
import { inTurn } from "../../in_turn.js";
import * as api from "../../lessons_api.js";
import { announce, button, errorNote, h, icon, replaceContent, statusNote } from "../dom.js";
import { keepDraft } from "../draft_field.js";
import { renderPanel } from "./render_panel.js";
import { sceneEditor } from "./scene_editor.js";
import { sceneList } from "./scene_list.js";
import { ScriptModel } from "./script_model.js";
import { showVersions } from "./versions_dialog.js";

export function editorPage({ parameter: id, events }) {
  const model = new ScriptModel(id);
  const backLink = h("a", { class: "back", href: `${basePath}/lessons` }, icon("back"), h("span", {}, t("All lessons")));
  const drafts = draftsOf(`lesson-title.${id}`);
  const messages = h("div", { class: "messages" });
  const title = h("input", { type: "text", class: "title-field", maxlength: 500, required: true, "aria-label": t("Title of the lesson"), autocomplete: "off", on: { change: renameScript } });
  const facts = h("p", { class: "meta" });
  const queue = inTurn();
  const run = (change, message = "") => queue(() => send(change, message));
  const history = button(t("Versions"), { iconName: "retry", variant: "quiet", on: { click: openVersions } });
  const videos = renderPanel(model, { save: () => editor.save() });
  const editor = sceneEditor(model, { options: videos.previewOptions, run, hasModel: () => hasModel, select });
  videos.onLook(() => editor.refreshPreview());
  const list = sceneList(model, { select, run, getSelected: () => selectedId });
  const head = h("div", { class: "editor-head" }, title, h("div", { class: "row between" }, facts, history));
  const body = h("div", { class: "editor-body" }, list.node, editor.node, videos.node);
  const node = h("div", { class: "lesson-editor" }, h("h1", { class: "visually-hidden" }, t("Lesson")), backLink, head, messages, body);
  let selectedId = "";
  let hasModel = true;
  let titleDraft = null;
  const warnOfChanges = (event) => editor.isChanged() && event.preventDefault();

  // Make a change and show its error. Return whether it succeeded.
  async function send(change, message) {
    try {
      await change();
      replaceContent(messages);
      if (message) announce(message);
      return true;
    } catch (error) {
      if (error.code === "script_changed") await model.load().catch(() => {});
      if (error.status !== 401) replaceContent(messages, errorNote(error));
      messages.scrollIntoView({ block: "nearest" });
      return false;
    } finally {
      show();
    }
  }

  function show() {
    if (!model.script) return;
    const { scenes } = model.script;
    if (!scenes.some((scene) => scene.id === selectedId)) selectedId = scenes[0].id;
    if (document.activeElement !== title && !drafts.get("title")) title.value = model.script.title;
    document.title = `${model.script.title} · Lectern`;
    facts.textContent = [tn("{count} scene", "{count} scenes", scenes.length), formatLength(model.durationS), t("version {number}", { number: model.version })].join(" · ");
    list.show();
    editor.show(scenes.find((scene) => scene.id === selectedId));
    videos.show();
  }

  // The scene that was edited before is saved first; if that fails, it stays.
  async function select(sceneId) {
    if (sceneId === selectedId) return true;
    if (editor.isChanged() && !(await editor.save())) return false;
    selectedId = sceneId;
    show();
    return true;
  }

  // A title that can't be saved stays in its field, also when the page is loaded again.
  function keepTitle() {
    if (titleDraft) return;
    title.value = model.script.title;
    titleDraft = keepDraft(title, drafts, "title");
    if (titleDraft.state === "restored") renameScript();
  }

  async function renameScript() {
    const name = title.value.trim();
    if (!name) titleDraft.undo();
    else if (name === model.script.title || (await run(() => model.rename(name), t("Saved.")))) titleDraft.saved();
  }

  async function openVersions() {
    if (editor.isChanged() && !(await editor.save())) return;
    showVersions(model, (number) => run(() => model.restore(number), t("Version {number} was restored.", { number })));
  }

  async function load() {
    try {
      await model.load();
      if (!model.script) return showUnwritten();
      if (!selectedId) selectedId = editor.openDraft();
      show();
      keepTitle();
    } catch (error) {
      if (error.status === 404) showNotFound();
      else if (error.status !== 401) replaceContent(messages, errorNote(error));
    }
  }

  function showUnwritten() {
    const text = ["waiting", "writing"].includes(model.state) ? t("This script is being written.") : t("This script was not written.");
    replaceContent(messages, statusNote(text));
    body.hidden = head.hidden = true;
  }

  function showNotFound() {
    const text = h("p", {}, t("This lesson does not exist, or it belongs to another user."));
    replaceContent(node, backLink, h("section", { class: "card narrow", role: "alert" }, h("h1", {}, t("Not found")), text));
  }

  async function onEvent(event) {
    if (event.kind === "script_ready" && event.script_id === id) {
      body.hidden = head.hidden = false;
      if (editor.isChanged()) return announce(t("There is a newer version of this script."));
      await load();
      replaceContent(messages);
    }
    editor.onEvent(event);
    videos.onEvent(event);
  }

  api.getWriters().then(({ model: isThere }) => {
    hasModel = isThere;
    editor.showModel();
  }, () => {}); // the button then shows the error of the server
  const unsubscribe = events.subscribe({ refresh: () => (editor.isChanged() ? Promise.resolve() : load()), onEvent });
  window.addEventListener("beforeunload", warnOfChanges);
  return {
    node,
    destroy() {
      unsubscribe();
      editor.destroy();
      window.removeEventListener("beforeunload", warnOfChanges);
    },
  };
}
