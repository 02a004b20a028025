// Find and replace in a transcript. Matches are marked by the CSS Custom Highlight API, which leaves the text's nodes alone.

import { formatCount } from "../format.js";
import { announce, button, field, h } from "./dom.js";

const MAX_MATCHES = 2000;

// `texts()`: the elements with the text, in order. `replaceAll(find, replacement)` returns a promise.
export function transcriptSearch({ texts, replaceAll }) {
  const input = h("input", { type: "search", placeholder: "Find in the transcript", "aria-label": "Find in the transcript" });
  const count = h("span", { class: "search-count", "aria-live": "polite" });
  const replacement = h("input", { type: "text" });
  const replaceButton = button("Replace all");
  const replaceForm = h("form", { class: "replace-form" }, field("Replace with", replacement), replaceButton);
  const details = h("details", { class: "replace" }, h("summary", {}, "Replace"), replaceForm);
  const node = h("div", { class: "transcript-search", role: "search" }, input, count);
  let matches = [];
  let position = -1;

  function find() {
    matches = [];
    position = -1;
    const wanted = input.value.toLocaleLowerCase();
    if (wanted.trim()) {
      for (const element of texts()) {
        const content = element.firstChild;
        const haystack = content?.data?.toLocaleLowerCase() ?? "";
        for (let at = haystack.indexOf(wanted); at >= 0 && matches.length < MAX_MATCHES; at = haystack.indexOf(wanted, at + wanted.length)) {
          if (at + wanted.length > content.length) break; // lower case has another length in some languages
          const range = new Range();
          range.setStart(content, at);
          range.setEnd(content, at + wanted.length);
          matches.push(range);
        }
      }
    }
    if (CSS.highlights) {
      if (matches.length) CSS.highlights.set("found", new Highlight(...matches));
      else CSS.highlights.delete("found");
    }
    count.textContent = wanted.trim() ? (matches.length === 1 ? "1 match" : `${matches.length} matches`) : "";
  }

  function step(direction) {
    if (!matches.length) return;
    position = (position + direction + matches.length) % matches.length;
    const match = matches[position];
    match.startContainer.parentElement.scrollIntoView({ block: "center" });
    CSS.highlights?.set("found-now", new Highlight(match));
    count.textContent = `${position + 1} of ${matches.length}`;
  }

  async function replace(event) {
    event.preventDefault();
    const wanted = input.value.trim();
    if (!wanted) return input.focus();
    replaceButton.disabled = true;
    try {
      const changed = await replaceAll(wanted, replacement.value.trim());
      find();
      announce(`${formatCount(changed, "segment")} changed.`);
    } finally {
      replaceButton.disabled = false;
    }
  }

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
    refresh() {
      if (input.value) find();
    },
    destroy() {
      CSS.highlights?.delete("found");
      CSS.highlights?.delete("found-now");
    },
  };
}
