// Shown for addresses that have no view.

import { basePath } from "../base_path.js";
import { h } from "./dom.js";

export function notFoundPage() {
  return {
    node: h(
      "section",
      { class: "card narrow" },
      h("h1", {}, "Page not found"),
      h("p", {}, "There is no page at this address."),
      h("p", {}, h("a", { href: `${basePath}/` }, "Go to your recordings")),
    ),
  };
}
