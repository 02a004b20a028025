// Find and replace in a transcript.

import { t, tn } from "../i18n.js";
import { button, field, h } from "./dom.js";
import { controlButton } from "./player_buttons.js";
import { setHighlight, textRange } from "./text_highlights.js";

const MAX_MATCHES = 2000;

// `texts()`: the elements with the text, in order. `replaceAll(find, replacement)` returns a promise.
export function transcriptSearch({ texts, replaceAll }) {
  const input = h("input", { type: "search", placeholder: t("Find in the transcript"), "aria-label": t("Find in the transcript") });
  const count = h("span", { class: "search-count", "aria-live": "polite" });
  const replacement = h("input", { type: "text" });
  const replaceButton = button(t("Replace all"));
  const replaceHint = h("p", { class: "hint" }, t("Replaces the word in the search field where it is a whole word."));
  const replaceForm = h("form", { class: "replace-form" }, field(t("Replace with"), replacement), replaceButton, replaceHint);
  const details = h("details", { class: "replace" }, h("summary", {}, t("Replace")), replaceForm);
  const stepButtons = [controlButton("back", t("Previous match"), () => step(-1)), controlButton("next", t("Next match"), () => step(1))];
  const closeButton = controlButton("close", t("End the search"), close);
  const steps = h("div", { class: "search-steps" }, count, stepButtons, closeButton);
  const node = h("div", { class: "transcript-search", role: "search" }, input, steps);
  let matches = [];
  let position = -1;

  function find() {
    matches = [];
    position = -1;
    const query = input.value.toLocaleLowerCase();
    if (query.trim()) {
      for (const element of texts()) {
        const content = element.firstChild;
        const haystack = content?.data?.toLocaleLowerCase() ?? "";
        for (let at = haystack.indexOf(query); at >= 0 && matches.length < MAX_MATCHES; at = haystack.indexOf(query, at + query.length)) {
          if (at + query.length > content.length) break; // lower case has another length in some languages
          matches.push(textRange(content, at, query.length));
        }
      }
    }
    setHighlight("found", matches);
    setHighlight("found-now", []);
    for (const control of stepButtons) control.hidden = !matches.length;
    node.toggleAttribute("data-stepping", false);
    count.textContent = query.trim() ? tn("{count} match", "{count} matches", matches.length) : "";
  }

  function step(direction) {
    if (!matches.length) return;
    position = (position + direction + matches.length) % matches.length;
    const match = matches[position];
    match.startContainer.parentElement.scrollIntoView({ block: "center" });
    setHighlight("found-now", [match]);
    node.toggleAttribute("data-stepping", true);
    count.textContent = t("{number} of {count}", { number: position + 1, count: matches.length });
  }

  function close() {
    input.value = "";
    find();
    input.focus();
  }

  async function replace(event) {
    event.preventDefault();
    const query = input.value.trim();
    if (!query) return input.focus();
    replaceButton.disabled = true;
    try {
      const changeCount = await replaceAll(query, replacement.value.trim());
      find();
      count.textContent = tn("{count} segment changed", "{count} segments changed", changeCount); // after the count of find()
    } finally {
      replaceButton.disabled = false;
    }
  }

  find();
  input.addEventListener("input", find);
  input.addEventListener("keydown", (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    step(event.shiftKey ? -1 : 1);
  });
  replaceForm.addEventListener("submit", replace);
  replaceButton.type = "submit";
  return {
    node,
    replaceNode: details,
    focus() {
      input.focus();
      input.select();
    },
    refresh() {
      if (input.value) find();
    },
    destroy() {
      setHighlight("found", []);
      setHighlight("found-now", []);
    },
  };
}
