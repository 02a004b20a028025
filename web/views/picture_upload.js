// A button that uploads a picture.

import { uploadFile } from "../files_api.js";
import { t } from "../i18n.js";
import { button, errorNote, h, replaceContent } from "./dom.js";

// `onUploaded(fileId, name)`. Return { node, messages }: the button, and a place for its errors.
export function pictureUpload(label, onUploaded) {
  const input = h("input", { type: "file", accept: "image/jpeg,image/png,image/webp", hidden: true, on: { change: upload } });
  const choose = button(label, { iconName: "upload", variant: "quiet", on: { click: () => input.click() } });
  const messages = h("div", { class: "messages" });

  async function upload() {
    const [file] = input.files;
    input.value = ""; // the same file can be chosen again
    if (!file) return;
    choose.disabled = true;
    replaceContent(messages, h("p", { class: "hint", role: "status" }, t("Uploading {name} …", { name: file.name })));
    try {
      const { file_id: fileId } = await uploadFile(file);
      if (!fileId) throw new Error(t("This file is not a picture."));
      replaceContent(messages);
      onUploaded(fileId, file.name);
    } catch (error) {
      replaceContent(messages, errorNote(error));
    } finally {
      choose.disabled = false;
      choose.focus();
    }
  }

  return { node: h("span", {}, choose, input), messages };
}
