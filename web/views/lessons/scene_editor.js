// The fields of one scene beside a picture of its slide, which follows the typing.

import { draftsOf } from "../../drafts.js";
import { t } from "../../i18n.js";
import * as api from "../../lessons_api.js";
import { formDialog } from "../dialogs.js";
import { announce, button, errorNote, field, h, replaceContent, statusNote } from "../dom.js";
import { conflictNote } from "../draft_field.js";
import { contentAs, missingPart, SCENE_KINDS, sceneText, sceneValues } from "./scene_kinds.js";
import { scenePreview } from "./scene_preview.js";
import { commonFields } from "./special_fields.js";

// `run(change, message)` shows the error of a change and returns whether it succeeded. `options()`: those of the lesson's look.
// `select(sceneId)` chooses another scene. What is typed is kept until it is stored (see ../../drafts.js): { base, scene } by the scene's id.
export function sceneEditor(model, { options, run, hasModel, select }) {
  const drafts = draftsOf(`lesson.${model.id}`);
  const preview = scenePreview(() => model.script.language, options);
  const kind = h("select", { on: { change: changeKind } }, Object.entries(SCENE_KINDS).map(([name, { label }]) => h("option", { value: name }, label)));
  const fields = h("div", { class: "form" });
  const saveButton = h("button", { type: "submit", class: "button primary" }, t("Save the scene"));
  const revertButton = button(t("Undo the changes"), { variant: "quiet", on: { click: () => show(scene, true) } });
  const rewriteButton = button(t("Rewrite by an instruction"), { iconName: "retry", variant: "quiet", on: { click: rewrite } });
  const rewriting = h("div", { class: "messages" });
  const conflict = h("div", { class: "messages" });
  const form = h(
    "form",
    { class: "form", "aria-label": t("Scene"), on: { submit, input: onInput, keydown: onKey } },
    field(t("Kind of the scene"), kind),
    fields,
    conflict,
    h("div", { class: "row" }, saveButton, revertButton, rewriteButton),
    rewriting,
  );
  const node = h("section", { class: "card scene-editor", "aria-label": t("Scene") }, preview.node, form);
  let scene = null; // as it is stored
  let parts = [];
  let isDirty = false;
  let rewriteJobId = "";

  function build(content, common) {
    parts = SCENE_KINDS[content.kind].fields.map((make) => make(content));
    parts = [...parts, common];
    replaceContent(fields, parts.map((part) => part.node));
  }

  // The scene as it is in the form.
  function current() {
    const common = parts.at(-1).read();
    const content = Object.assign({ kind: kind.value }, ...parts.slice(0, -1).map((part) => part.read()));
    return { ...scene, ...common, content };
  }

  // Show a scene as it is stored, or what was typed into it and is not stored yet. `isForced`: nothing that was typed is kept.
  function show(next, isForced = false) {
    if (isForced) drafts.remove(next.id);
    else if (next === scene) return;
    else if (isDirty) return next.id === scene.id ? follow(next) : showDeleted();
    scene = next;
    const draft = drafts.get(next.id);
    const isUnsaved = Boolean(draft) && sceneValues(draft.scene) !== sceneValues(next);
    if (draft && !isUnsaved) drafts.remove(next.id);
    fill(isUnsaved ? draft.scene : next);
    setDirty(isUnsaved);
    replaceContent(conflict);
    if (isUnsaved && draft.base !== sceneValues(next)) showConflict();
  }

  function fill(shown) {
    kind.value = shown.content.kind;
    build(shown.content, commonFields(shown));
    preview.show(shown);
  }

  // The scene was loaded again while it is edited.
  function follow(next) {
    const isSame = sceneValues(next) === sceneValues(scene);
    scene = next;
    if (!isSame) showConflict();
  }

  function showConflict() {
    replaceContent(conflict, conflictNote(sceneText(scene), () => show(scene, true)));
    keep(); // both have been seen: saving replaces the other one
  }

  function showDeleted() {
    const insertAgain = async () => {
      const edited = current();
      if (await run(() => model.insertScene(edited, model.script.scenes.length), t("The scene was inserted."))) await leaveFor(edited.id);
    };
    const buttons = [button(t("Insert it again"), { on: { click: insertAgain } }), button(t("Discard"), { on: { click: () => leaveFor(model.script.scenes[0].id) } })];
    replaceContent(conflict, h("div", { class: "note note-warning" }, h("p", {}, t("This scene was deleted elsewhere while you were editing it.")), h("div", { class: "row" }, buttons)));
  }

  async function leaveFor(sceneId) {
    drafts.remove(scene.id);
    setDirty(false);
    await select(sceneId);
    show(model.script.scenes.find((each) => each.id === sceneId));
  }

  const keep = () => drafts.set(scene.id, { base: sceneValues(scene), scene: current() });

  function setDirty(value) {
    isDirty = value;
    saveButton.disabled = revertButton.disabled = !value;
  }

  function onInput(event) {
    if (event.target === kind) return;
    setDirty(true);
    keep();
    preview.showSoon(current());
  }

  function changeKind() {
    const old = current();
    const content = contentAs(kind.value, { ...old.content, kind: scene.content.kind });
    build(content, commonFields(old));
    setDirty(true);
    keep();
    preview.showSoon(current());
  }

  async function save() {
    if (!isDirty) return true;
    if (!form.reportValidity()) return false;
    const edited = current();
    if (missingPart(edited)) return false; // the preview says so
    const { version } = model;
    const isSaved = await store(edited);
    const wasAnotherSceneChanged = !isSaved && model.version !== version && !conflict.childElementCount;
    return wasAnotherSceneChanged ? store(edited) : isSaved;
  }

  function store(edited) {
    return run(async () => {
      await model.saveScene(edited);
      if (sceneValues(current()) !== sceneValues(edited)) { // it was typed on meanwhile
        scene = model.script.scenes.find((each) => each.id === edited.id);
        return keep();
      }
      drafts.remove(edited.id);
      setDirty(false);
    }, t("Saved."));
  }

  function submit(event) {
    event.preventDefault();
    save();
  }

  function onKey(event) {
    if (!(event.ctrlKey || event.metaKey) || (event.key !== "s" && event.key !== "Enter")) return;
    event.preventDefault();
    save();
  }

  async function rewrite() {
    if (!(await save())) return;
    const instruction = h("textarea", { name: "instruction", rows: 4, maxlength: 2000, required: true, class: "text-field" });
    const dialog = formDialog(t("Rewrite the scene"), {
      fields: [field(t("What to change"), instruction, t("For example: shorter, with an example from everyday life."))],
      submitLabel: t("Rewrite"),
      draft: `rewrite.${model.id}.${scene.id}`,
      async submit(values) {
        rewriteJobId = (await api.rewriteScene(model.id, scene.id, values.instruction)).id;
        replaceContent(rewriting, statusNote(t("The scene is being rewritten.")));
      },
    });
    dialog.querySelector("textarea").focus();
  }

  return {
    node,
    show,
    save,
    isChanged: () => isDirty,
    // Show a scene that was edited before the page was loaded, even if it is gone by now. Return its id, or "".
    openDraft() {
      const [id] = Object.keys(drafts.all());
      const isThere = model.script.scenes.some((each) => each.id === id);
      if (id && !isThere) {
        scene = drafts.get(id).scene;
        fill(scene);
        setDirty(true);
        showDeleted();
      }
      return isThere ? id : "";
    },
    showModel() {
      rewriteButton.disabled = !hasModel();
      rewriteButton.title = hasModel() ? "" : t("This needs a language model, and this server has none.");
    },
    onEvent(event) {
      if (event.job_id !== rewriteJobId) return;
      if (event.kind === "succeeded") {
        replaceContent(rewriting);
        announce(t("The scene was rewritten."));
      } else if (event.kind === "failed") replaceContent(rewriting, errorNote(event));
    },
    refreshPreview: () => preview.showSoon(current()),
    destroy: preview.destroy,
  };
}
