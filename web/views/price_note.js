// Lines that tell what a job costs, beside the button that starts it.

import { accountUrl } from "../account_url.js";
import { t } from "../i18n.js";
import { quote, quoteText } from "../price.js";
import { h, replaceContent } from "./dom.js";

// Return a node; it stays empty if there is nothing to tell.
export function priceNote(job) {
  const node = h("div", { "aria-live": "polite" });
  quote(job).then(
    (price) => replaceContent(node, priceLine(price)),
    () => {}, // the job itself says what is wrong
  );
  return node;
}

function priceLine(price) {
  const link = !price.suffices && price.available !== null && h("a", { href: accountUrl("plan") }, t("Plan and credits"));
  return quoteText(price) && h("p", { class: price.suffices ? "hint" : "error-text" }, quoteText(price), link && " ", link);
}

// The same for the conversion of a file that is not uploaded yet; empty where jobs are free, or if the browser can't read the file's length.
export function filePriceNote(file) {
  const node = h("div", { "aria-live": "polite" });
  const media = h("video", { preload: "metadata", on: { loadedmetadata: show, error: release } });
  media.src = URL.createObjectURL(file);

  async function show() {
    const minutes = media.duration / 60;
    release();
    if (!Number.isFinite(minutes)) return;
    const price = await quote({ kind: "lecture_notes", minutes });
    if (price.credits > 0) replaceContent(node, priceLine(price));
  }

  function release() {
    URL.revokeObjectURL(media.src);
  }

  return node;
}
