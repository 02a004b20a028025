// Uploads that a reload or a lost connection has interrupted. A page may not read a file again by itself: the person chooses it once more.

import { formatSize } from "../format.js";
import { t } from "../i18n.js";
import { forgetUpload, isSameFile, listInterruptedUploads } from "../unfinished_uploads.js";
import { discardUpload, getUploadState } from "../uploads_api.js";
import { announce, button, errorNote, h, replaceContent } from "./dom.js";

// `onFile(file)`: called with the file of the upload that goes on. Return an element, which is empty while there are none.
export function interruptedUploads(userId, onFile) {
  const node = h("div", { class: "messages stack" });

  async function load() {
    const uploads = await listInterruptedUploads(userId);
    const states = await Promise.all(uploads.map((upload) => getUploadState(upload.path).catch((error) => error)));
    uploads.forEach((upload, index) => {
      const { offset = 0, recordingId, status } = states[index];
      if (status === 404 || recordingId) return forgetUpload(upload.path); // it has expired, or only its response got lost
      node.append(interruptedUpload(upload, Math.floor((100 * offset) / upload.size), onFile));
    });
  }

  load().catch(() => {}); // without the server, the list of recordings says so
  return node;
}

function interruptedUpload(upload, percent, onFile) {
  const input = h("input", { type: "file", hidden: true, "aria-label": t("File of the interrupted upload"), on: { change: chooseFile } });
  const choose = button(t("Choose the file again"), { iconName: "upload", "aria-label": t("Choose the file again: {name}", { name: upload.name }), on: { click: () => input.click() } });
  const discard = button(t("Discard"), { variant: "quiet", "aria-label": t("Discard the upload of {name}", { name: upload.name }), on: { click: discardIt } });
  const messages = h("div", { class: "messages" });
  const node = h(
    "div",
    { class: "note note-warning" },
    h("p", { class: "strong" }, t("The upload of {name} was interrupted at {percent} %.", { name: upload.name, percent })),
    h("p", { class: "hint" }, t("Choose the same file again: what has arrived is kept, and only the rest is sent.")),
    messages,
    h("div", { class: "row" }, choose, discard, input),
  );

  function chooseFile() {
    const [file] = input.files;
    input.value = ""; // the same file can be chosen again
    if (!file) return;
    if (isSameFile(upload, file)) return onFile(file);
    const message = t("{name} is another file, or it has changed.", { name: file.name });
    replaceContent(messages, errorNote({ message, hint: t("The upload needs {name} with {size}.", { name: upload.name, size: formatSize(upload.size) }) }));
  }

  async function discardIt() {
    try {
      await discardUpload(upload.path);
    } catch (error) {
      if (error.status !== 404) return replaceContent(messages, errorNote(error));
    }
    forgetUpload(upload.path);
    node.remove();
    announce(t("The upload was discarded."));
  }

  return node;
}
