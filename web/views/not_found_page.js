// Shown for addresses that have no view.

import { basePath } from "../base_path.js";
import { t } from "../i18n.js";
import { h } from "./dom.js";

export function notFoundPage() {
  return {
    node: h(
      "section",
      { class: "card narrow" },
      h("h1", {}, t("Page not found")),
      h("p", {}, t("There is no page at this address.")),
      h("p", {}, h("a", { href: `${basePath}/` }, t("Go to your recordings"))),
    ),
  };
}
