// The server can't be reached, or can't answer: say so and offer to try again.

import { button, h } from "./dom.js";

export function troubleView(error, again) {
  const retry = button("Try again", { symbol: "again", kind: "primary", on: { click: again } });
  return {
    node: h(
      "section",
      { class: "card narrow", role: "alert" },
      h("h1", {}, "That did not work"),
      h("p", {}, error.message),
      error.hint && h("p", { class: "hint" }, error.hint),
      h("div", { class: "row" }, retry),
    ),
  };
}
