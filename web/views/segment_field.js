// The field in which a segment of the transcript is corrected, with its keys and what else can be done there.

import { t } from "../i18n.js";
import { h } from "./dom.js";

const HINT_ID = "segment-hint"; // one segment is edited at a time

// `actions`: change(), leave(), save(), cancel(), split(offset) at a character of the text, join(step) with the segment before (-1) or after (1).
// Return { node, input }.
export function segmentField(label, language, text, actions) {
  const input = h("textarea", { class: "segment-field", "aria-label": label, "aria-describedby": HINT_ID, rows: 1, lang: language || undefined, dir: "auto" });
  input.value = text;
  input.addEventListener("input", actions.change);
  input.addEventListener("blur", actions.leave);
  input.addEventListener("keydown", onKey);

  function onKey(event) {
    event.stopPropagation();
    if (event.isComposing) return;
    const action = actionOf(event);
    if (!action) return;
    event.preventDefault();
    action();
  }

  function actionOf({ key, ctrlKey, metaKey, repeat }) {
    const { selectionStart, selectionEnd, value } = input;
    const isAtStart = selectionEnd === 0;
    const isAtEnd = selectionStart === value.length;
    if (key === "Escape") return actions.cancel;
    if (key === "Enter") return ctrlKey || metaKey ? split : actions.save;
    if (key === "Backspace" && isAtStart && !repeat) return () => actions.join(-1);
    return key === "Delete" && isAtEnd && !repeat ? () => actions.join(1) : null;
  }

  // Fields are stored without repeated spaces.
  const split = () => actions.split(normalized(input.value.slice(0, input.selectionStart)).length);

  const tool = (label, click) => h("button", { type: "button", class: "link-button", on: { pointerdown: (event) => event.preventDefault(), click } }, label); // the field keeps the focus
  const touchTools = h("span", { class: "touch-only segment-tools" }, tool(t("Save"), actions.save), tool(t("Cancel"), actions.cancel));
  const tools = h("p", { class: "hint segment-tools" }, h("span", { id: HINT_ID, class: "key-hint" }, t("Enter saves, Esc cancels")), touchTools, tool(t("Split at the cursor"), split), tool(t("Join with the next"), () => actions.join(1)));
  return { node: h("div", { class: "segment-edit-box" }, input, tools), input };
}

export const normalized = (text) => text.trim().replace(/\s+/g, " ");
