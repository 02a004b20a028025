// A secret that is shown once, with a button to copy it.

import { t } from "../../i18n.js";
import { announce, button, h } from "../dom.js";

export function secretNote(text, secret) {
  const value = h("code", { class: "secret", tabindex: "0" }, secret);
  const copyButton = button(t("Copy"), { on: { click: copy } });

  async function copy() {
    try {
      await navigator.clipboard.writeText(secret);
      announce(t("Copied"));
      copyButton.querySelector("span").textContent = t("Copied");
    } catch {
      getSelection().selectAllChildren(value); // without HTTPS there is no clipboard: Ctrl+C copies the selection
    }
  }

  return h("div", { class: "note stack", role: "status" }, h("p", {}, text), value, h("div", { class: "row" }, copyButton));
}
