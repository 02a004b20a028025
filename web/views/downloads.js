// A link for every document that was made.

import { h, icon } from "./dom.js";
import { byFormat, bytes, formatName } from "./words.js";

export function downloads(artifacts) {
  const links = new Map(byFormat(artifacts).map((made) => [made.id, link(made)]));
  const items = [...links.values()].map((each) => h("li", {}, each));
  return {
    node: items.length ? h("ul", { class: "downloads", "aria-label": "Downloads" }, items) : null,
    // Signed addresses run out: newer ones take their place under the same links.
    update(recording) {
      for (const made of recording.artifacts) links.get(made.id)?.setAttribute("href", made.url);
    },
  };
}

function link(made) {
  return h(
    "a",
    { class: made.format === "pdf" ? "download first" : "download", href: made.url, download: made.filename },
    icon("download"),
    h("span", { class: "unseen" }, "Download "),
    h("span", { class: "name" }, formatName(made.format)),
    " ",
    h("span", { class: "size" }, bytes(made.size_bytes)),
  );
}
