// Shown when a view can't be loaded: the error and a button to try again.

import { t } from "../i18n.js";
import { button, h } from "./dom.js";

export function errorPage(error, retry) {
  const retryButton = button(t("Try again"), { iconName: "retry", variant: "primary", on: { click: retry } });
  return {
    node: h(
      "section",
      { class: "card narrow", role: "alert" },
      h("h1", {}, t("Something went wrong")),
      h("p", {}, error.message),
      error.hint && h("p", { class: "hint" }, error.hint),
      h("div", { class: "row" }, retryButton),
    ),
  };
}
