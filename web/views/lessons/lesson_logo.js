// The logo of a lesson: an uploaded picture in a corner of every slide.

import { t } from "../../i18n.js";
import { button, h } from "../dom.js";
import { pictureUpload } from "../picture_upload.js";

// Return { node, fileId() }; `onChange()` is called after each change.
export function lessonLogo(onChange) {
  const fileNameNode = h("span", { class: "hint" }, t("None"));
  const removeButton = button(t("Remove the logo"), { iconName: "close", variant: "quiet", hidden: true, on: { click: () => set("", t("None")) } });
  const upload = pictureUpload(t("Choose a logo"), set);
  let chosenId = "";

  function set(fileId, fileName) {
    chosenId = fileId;
    fileNameNode.textContent = fileName;
    removeButton.hidden = !fileId;
    onChange();
  }

  return {
    node: h("div", { class: "field" }, h("span", { class: "strong" }, t("Logo")), h("div", { class: "row" }, fileNameNode, upload.node, removeButton), upload.messages),
    fileId: () => chosenId,
  };
}
