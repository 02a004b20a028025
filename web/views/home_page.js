// The home page: the upload form beside the list of recordings.

import { batchList } from "./batch_list.js";
import { h } from "./dom.js";
import { recordingList } from "./recording_list.js";
import { uploadCard } from "./upload_card.js";

export function homePage({ events, user }) {
  const list = recordingList(events);
  const batches = batchList(events);
  const upload = uploadCard(user, { onUploaded: list.add, onBatch: batches.add });
  return {
    node: h("div", { class: "home" }, h("h1", { class: "visually-hidden" }, "Lectern"), upload.node, h("div", { class: "home-lists" }, batches.node, list.node)),
    destroy() {
      upload.destroy();
      batches.destroy();
      list.destroy();
    },
  };
}
