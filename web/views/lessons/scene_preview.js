// The picture of a scene's slide, drawn by the server. Only the newest request is shown; while typing it waits for a pause.

import { t } from "../../i18n.js";
import * as api from "../../lessons_api.js";
import { errorNote, h, replaceContent, statusNote } from "../dom.js";
import { missingPart, sceneTitle } from "./scene_kinds.js";

const DELAY_MS = 500;

export function scenePreview(language, options) {
  const picture = h("img", { alt: "", hidden: true });
  const frame = h("div", { class: "scene-preview", "aria-busy": "false" }, picture);
  const messages = h("div", { class: "messages" });
  let timer = 0;
  let latest = 0;
  let url = "";
  let isDestroyed = false;

  async function show(scene) {
    clearTimeout(timer);
    const number = (latest += 1);
    if (missingPart(scene)) return replaceContent(messages, statusNote(missingPart(scene)));
    frame.setAttribute("aria-busy", "true");
    try {
      const image = await api.previewScene(scene, language(), { ...options(), height: 720 });
      if (number !== latest || isDestroyed) return;
      URL.revokeObjectURL(url);
      url = URL.createObjectURL(image);
      picture.src = url;
      picture.alt = t("Slide: {title}", { title: sceneTitle(scene) });
      picture.hidden = false;
      replaceContent(messages);
    } catch (error) {
      if (number === latest && error.status !== 401) replaceContent(messages, errorNote(error));
    }
    if (number === latest) frame.setAttribute("aria-busy", "false");
  }

  return {
    node: h("div", { class: "preview-area" }, frame, messages),
    show,
    showSoon(scene) {
      clearTimeout(timer);
      timer = setTimeout(() => show(scene), DELAY_MS);
    },
    destroy() {
      isDestroyed = true;
      clearTimeout(timer);
      URL.revokeObjectURL(url);
    },
  };
}
