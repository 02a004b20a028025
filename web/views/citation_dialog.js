// The citation of a moment of a recording, as text and as BibTeX, to copy.

import { getCitation } from "../api.js";
import { t } from "../i18n.js";
import { showDialog } from "./dialogs.js";
import { announce, button, errorNote, h, replaceContent } from "./dom.js";

export async function showCitation(recordingId, timeS) {
  const content = h("div", { class: "stack" });
  showDialog(t("Cite this moment"), [content]);
  try {
    const citation = await getCitation(recordingId, timeS);
    replaceContent(content, [block(citation.text, t("Copy citation")), block(citation.bibtex, t("Copy BibTeX"))]);
  } catch (error) {
    replaceContent(content, errorNote(error));
  }
}

function block(text, label) {
  const paragraph = h("p", { class: "citation", dir: "auto" }, text);
  const copyButton = button(label, { iconName: "copy", on: { click: copy } });

  async function copy() {
    try {
      await navigator.clipboard.writeText(text);
      announce(t("Copied"));
      copyButton.querySelector("span").textContent = t("Copied");
    } catch {
      getSelection().selectAllChildren(paragraph); // without HTTPS there is no clipboard: Ctrl+C copies the selection
    }
  }

  return h("div", { class: "stack" }, paragraph, h("div", { class: "row" }, copyButton));
}
