// The differences of two texts, line by line.

import { t } from "../../i18n.js";
import { h } from "../dom.js";

// Return [{ kind: "same" | "removed" | "added", text }] by the longest common sequence of lines.
export function lineDiff(before, after) {
  const [old, fresh] = [before.split("\n"), after.split("\n")];
  const lengths = Array.from({ length: old.length + 1 }, () => new Uint32Array(fresh.length + 1)); // of what is common from a pair of lines on
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = fresh.length - 1; j >= 0; j -= 1) lengths[i][j] = old[i] === fresh[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
  }
  const lines = [];
  let [i, j] = [0, 0];
  while (i < old.length || j < fresh.length) {
    if (i < old.length && j < fresh.length && old[i] === fresh[j]) {
      lines.push({ kind: "same", text: old[i] });
      i += 1;
      j += 1;
    } else if (j === fresh.length || (i < old.length && lengths[i + 1][j] >= lengths[i][j + 1])) lines.push({ kind: "removed", text: old[i++] });
    else lines.push({ kind: "added", text: fresh[j++] });
  }
  return lines;
}

const [SAME, REMOVED, ADDED] = ["  ", "− ", "+ "];

// `label`: what is compared.
export function diffNode(label, before, after) {
  const line = ({ kind, text }) => {
    if (kind === "same") return h("span", {}, SAME + text);
    return kind === "removed" ? h("del", {}, REMOVED + text) : h("ins", {}, ADDED + text);
  };
  const lines = lineDiff(before, after);
  if (lines.every(({ kind }) => kind === "same")) return h("p", { class: "hint" }, t("It is the same as the active version."));
  return h("pre", { class: "log diff", tabindex: "0", role: "group", "aria-label": label }, lines.map(line));
}
