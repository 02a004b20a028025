// The scenes of a script in their order. The arrow keys choose a scene; with Alt they move it.

import { t } from "../../i18n.js";
import { askFor } from "../dialogs.js";
import { pickRecordings } from "../courses/recording_picker.js";
import { button, h, icon, replaceContent } from "../dom.js";
import { missingPart, SCENE_KINDS, sceneTitle } from "./scene_kinds.js";
import { pickSlide } from "./slide_picker.js";

export function sceneList(model, { select, run, getSelected }) {
  const list = h("ol", { class: "scene-list", "aria-label": t("Scenes"), on: { keydown: onKey } });
  const tool = (label, iconName, click) => h("button", { type: "button", class: "control", "aria-label": label, title: label, on: { click } }, icon(iconName));
  const up = tool(t("Move up"), "up", () => move(-1));
  const down = tool(t("Move down"), "down", () => move(1));
  const copy = tool(t("Duplicate"), "copy", () => insert(structuredClone(selectedScene())));
  const remove = tool(t("Delete the scene"), "delete", confirmAndDelete);
  const kind = h("select", { "aria-label": t("Kind of the new scene") }, Object.entries(SCENE_KINDS).map(([name, { label }]) => h("option", { value: name }, label)));
  kind.value = "bullets";
  const add = button(t("Insert a scene"), { iconName: "add", on: { click: () => insert(newScene()) } });
  const tools = h("div", { class: "row scene-tools" }, up, down, copy, remove);
  const node = h("section", { class: "card scenes", "aria-labelledby": "scenes-title" }, h("h2", { id: "scenes-title" }, t("Scenes")), list, tools, h("div", { class: "row insert-scene" }, kind, add));

  const scenes = () => model.script.scenes;
  const selectedScene = () => scenes().find((scene) => scene.id === getSelected());
  const newScene = () => ({ narration: "", content: { kind: kind.value, ...SCENE_KINDS[kind.value].initial() }, chapter: "" });

  async function insert(scene) {
    const id = model.newSceneId();
    const position = scenes().indexOf(selectedScene()) + 1;
    if (missingPart(scene)) Object.assign(scene.content, await choosePart(scene.content.kind));
    if (missingPart(scene)) return;
    if (!(await select(getSelected()))) return;
    if (await run(() => model.insertScene({ ...scene, id }, position), t("The scene was inserted."))) await select(id);
    focusSelected();
  }

  // A scene of a recording is stored with its slide or its recording from the beginning.
  async function choosePart(sceneKind) {
    if (sceneKind === "clip") return { recording_id: (await pickRecordings(new Set()))[0] };
    const place = await pickSlide();
    return place ? { source: { recording_id: place.recording_id, slide: place.number } } : {};
  }

  async function move(step) {
    await run(() => model.moveScene(getSelected(), step), t("Moved."));
  }

  async function confirmAndDelete() {
    const scene = selectedScene();
    if (!(await askFor(t("Delete this scene?"), t("Delete"), { variant: "danger", text: sceneTitle(scene) }))) return;
    const index = scenes().indexOf(scene);
    const next = scenes()[index + 1] ?? scenes()[index - 1];
    if ((await run(() => model.deleteScene(scene.id), t("The scene was deleted."))) && next) await select(next.id);
    focusSelected();
  }

  const focusSelected = () => list.querySelector("[aria-current]")?.focus();

  async function onKey(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    if (event.altKey) await move(step);
    else {
      const next = scenes()[scenes().indexOf(selectedScene()) + step];
      if (next) await select(next.id);
    }
    focusSelected();
  }

  function item(scene, number) {
    const isSelected = scene.id === getSelected();
    const kindLabel = SCENE_KINDS[scene.content.kind]?.label ?? scene.content.kind;
    const properties = { type: "button", class: "scene-item", "aria-current": isSelected && "true", tabindex: isSelected ? 0 : -1, on: { click: () => select(scene.id) } };
    const beginsChapter = scene.chapter && scene.chapter !== scenes()[number - 2]?.chapter;
    const isItsTitle = sceneTitle(scene).replace(/^\d+\. /, "") === scene.chapter;
    return h("li", {}, beginsChapter && !isItsTitle && h("p", { class: "scene-chapter" }, scene.chapter), h("button", properties, h("span", { class: "scene-number" }, String(number)), h("span", { class: "scene-title" }, sceneTitle(scene)), h("span", { class: "meta" }, kindLabel)));
  }

  return {
    node,
    show() {
      const hadFocus = list.contains(document.activeElement);
      const place = list.scrollTop;
      replaceContent(list, scenes().map((scene, index) => item(scene, index + 1)));
      list.scrollTop = place;
      if (hadFocus) focusSelected();
      const index = scenes().indexOf(selectedScene());
      up.disabled = index <= 0;
      down.disabled = index === scenes().length - 1;
      remove.disabled = scenes().length === 1;
    },
  };
}
