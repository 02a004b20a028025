// What a user comes for: upload on one side, recordings on the other.

import { h } from "./dom.js";
import { recordingList } from "./recordings.js";
import { uploadCard } from "./upload.js";

export function homeView() {
  const list = recordingList();
  const upload = uploadCard(list.add);
  return {
    node: h("div", { class: "home" }, h("h1", { class: "unseen" }, "Lectern"), upload.node, list.node),
    destroy() {
      upload.destroy();
      list.destroy();
    },
  };
}
