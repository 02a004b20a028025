// The logo of a lesson: an uploaded picture in a corner of every slide.

import { t } from "../../i18n.js";
import { button, h } from "../dom.js";
import { pictureUpload } from "../picture_upload.js";

// Return { node, fileId() }; `onChange()` is called after each change.
export function lessonLogo(onChange) {
  const name = h("span", { class: "hint" }, t("None"));
  const remove = button(t("Remove the logo"), { iconName: "close", variant: "quiet", hidden: true, on: { click: () => set("", t("None")) } });
  const upload = pictureUpload(t("Choose a logo"), set);
  let chosen = "";

  function set(fileId, fileName) {
    chosen = fileId;
    name.textContent = fileName;
    remove.hidden = !fileId;
    onChange();
  }

  return {
    node: h("div", { class: "field" }, h("span", { class: "strong" }, t("Logo")), h("div", { class: "row" }, name, upload.node, remove), upload.messages),
    fileId: () => chosen,
  };
}
