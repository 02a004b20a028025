// A line that tells what a job costs, beside the button that starts it.

import { accountUrl } from "../account_url.js";
import { t } from "../i18n.js";
import { quote, quoteText } from "../price.js";
import { h, replaceContent } from "./dom.js";

// Return a node; it stays empty if there is nothing to tell.
export function priceNote(job) {
  const node = h("div", { "aria-live": "polite" });
  quote(job).then(
    (price) => {
      const link = !price.suffices && price.available !== null && h("a", { href: accountUrl("plan") }, t("Plan and credits"));
      replaceContent(node, quoteText(price) && h("p", { class: price.suffices ? "hint" : "error-text" }, quoteText(price), link && " ", link));
    },
    () => {}, // the job itself says what is wrong
  );
  return node;
}
