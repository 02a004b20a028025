// The fields of one scene beside a picture of its slide, which follows the typing.

import { t } from "../../i18n.js";
import * as api from "../../lessons_api.js";
import { formDialog } from "../dialogs.js";
import { announce, button, errorNote, field, h, replaceContent, statusNote } from "../dom.js";
import { contentAs, missingPart, SCENE_KINDS } from "./scene_kinds.js";
import { scenePreview } from "./scene_preview.js";
import { commonFields } from "./special_fields.js";

// `run(change, message)` shows the error of a change and returns whether it succeeded. `options()`: those of the lesson's look.
export function sceneEditor(model, { options, run, hasModel }) {
  const preview = scenePreview(() => model.script.language, options);
  const kind = h("select", { on: { change: changeKind } }, Object.entries(SCENE_KINDS).map(([name, { label }]) => h("option", { value: name }, label)));
  const fields = h("div", { class: "form" });
  const saveButton = h("button", { type: "submit", class: "button primary" }, t("Save the scene"));
  const revertButton = button(t("Undo the changes"), { variant: "quiet", on: { click: () => show(scene, true) } });
  const rewriteButton = button(t("Rewrite by an instruction"), { iconName: "retry", variant: "quiet", on: { click: rewrite } });
  const rewriting = h("div", { class: "messages" });
  const form = h(
    "form",
    { class: "form", "aria-label": t("Scene"), on: { submit, input: onInput, keydown: onKey } },
    field(t("Kind of the scene"), kind),
    fields,
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

  function show(next, isForced = false) {
    if (!isForced && (isDirty || next === scene)) return;
    scene = next;
    kind.value = next.content.kind;
    build(next.content, commonFields(next));
    setDirty(false);
    preview.show(next);
  }

  function setDirty(value) {
    isDirty = value;
    saveButton.disabled = revertButton.disabled = !value;
  }

  function onInput(event) {
    if (event.target === kind) return;
    setDirty(true);
    preview.showSoon(current());
  }

  function changeKind() {
    const old = current();
    const content = contentAs(kind.value, { ...old.content, kind: scene.content.kind });
    build(content, commonFields(old));
    setDirty(true);
    preview.showSoon(current());
  }

  async function save() {
    if (!isDirty) return true;
    if (!form.reportValidity()) return false;
    const edited = current();
    if (missingPart(edited)) return false; // the preview says so
    const wasDirty = isDirty;
    isDirty = false; // the model shows the stored scene after the change
    const isSaved = await run(() => model.saveScene(edited), t("Saved."));
    if (!isSaved) setDirty(wasDirty);
    return isSaved;
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
