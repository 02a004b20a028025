// The home page: the upload form beside the list of recordings.

import { h } from "./dom.js";
import { recordingList } from "./recording_list.js";
import { uploadCard } from "./upload_card.js";

export function homePage({ events }) {
  const list = recordingList(events);
  const upload = uploadCard({ onUploaded: list.add });
  return {
    node: h("div", { class: "home" }, h("h1", { class: "visually-hidden" }, "Lectern"), upload.node, list.node),
    destroy() {
      upload.destroy();
      list.destroy();
    },
  };
}
