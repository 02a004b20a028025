// The deck that a lecture was given with: attach it, and see which of its pages were shown.

import { attachDeck, getDeck, removeDeck } from "../decks_api.js";
import { formatLength } from "../format.js";
import { t, tn } from "../i18n.js";
import { showDialog } from "./dialogs.js";
import { button, errorNote, h, replaceContent, statusNote } from "./dom.js";

// `onChanged()` is called when the documents are being rendered again.
export function showDeck(recordingId, { onChanged }) {
  const content = h("div", { class: "stack" });
  const messages = h("div", { class: "messages" });
  const input = h("input", { type: "file", accept: ".pptx,.pdf", hidden: true, on: { change: attach } });
  showDialog(t("Deck of this lecture"), [content, messages, input], { className: "wide" });

  const choose = (label, variant) => button(label, { iconName: "upload", variant, on: { click: () => input.click() } });

  async function load() {
    try {
      const deck = await getDeck(recordingId);
      const remove = button(t("Remove the deck"), { iconName: "delete", variant: "quiet", on: { click: () => change(() => removeDeck(recordingId), t("The deck was removed.")) } });
      replaceContent(content, coverage(deck), h("div", { class: "row" }, choose(t("Replace the deck"), ""), remove));
    } catch (error) {
      if (error.status !== 404) return replaceContent(messages, errorNote(error));
      const text = t("With the deck (PowerPoint or PDF), the documents show its sharp pages instead of pictures of the video, and you see which pages were skipped.");
      replaceContent(content, h("p", {}, text), h("div", { class: "row" }, choose(t("Choose the deck"), "primary")));
    }
  }

  function coverage({ is_rendered: isRendered, pages, skipped }) {
    if (!isRendered) return h("p", {}, t("The documents are being rendered with the deck. Its pages are listed here afterwards."));
    const shownCount = pages.filter((page) => page.slides.length).length;
    const summary = [tn("{count} page was shown", "{count} pages were shown", shownCount), skipped && tn("{count} was skipped", "{count} were skipped", skipped)].filter(Boolean).join(", ");
    return [h("p", { class: "strong" }, `${summary}.`), h("ol", { class: "rows deck-pages" }, pages.map(pageItem))];
  }

  function pageItem(page) {
    const title = page.title || t("Page {number}", { number: page.number });
    return h("li", { class: page.is_skipped ? "is-skipped" : undefined }, h("div", { class: "row-text" }, h("p", {}, `${page.number}. ${title}`), h("p", { class: "meta" }, usage(page))));
  }

  function usage(page) {
    if (page.is_skipped) return t("not shown");
    if (!page.slides.length) return t("an earlier step of a page that was shown");
    return [tn("slide {numbers}", "slides {numbers}", page.slides.length, { numbers: page.slides.join(", ") }), formatLength(page.shown_s)].join(" · ");
  }

  async function attach() {
    const [file] = input.files;
    input.value = "";
    if (file) await change(() => attachDeck(recordingId, file), t("The documents are being rendered with the deck."));
  }

  async function change(request, message) {
    replaceContent(messages, h("p", { class: "hint", role: "status" }, t("One moment …")));
    try {
      await request();
      replaceContent(messages, statusNote(message));
      onChanged();
      await load();
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  load();
}
