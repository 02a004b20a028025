// A button that opens a list of links and buttons. Escape, a click elsewhere and a choice close it; the arrow keys move through it.

import { h, replaceContent } from "./dom.js";

// `content`: what the button shows; `createItems()` returns the elements of the list each time it opens. Return { node, destroy() }.
export function menuButton(content, createItems, { label, className = "", buttonClass = "button quiet" }) {
  const opener = h("button", { type: "button", class: buttonClass, "aria-label": label, "aria-haspopup": "true", "aria-expanded": "false", on: { click: toggle } }, content);
  const list = h("div", { class: "menu", hidden: true });
  const node = h("div", { class: `menu-anchor ${className}`.trim() }, opener, list);
  const choices = () => [...list.querySelectorAll("a, button")];

  function toggle() {
    if (!list.hidden) return close();
    replaceContent(list, createItems());
    list.hidden = false;
    opener.setAttribute("aria-expanded", "true");
    document.addEventListener("click", closeOutside);
    choices()[0]?.focus();
  }

  function close() {
    list.hidden = true;
    opener.setAttribute("aria-expanded", "false");
    document.removeEventListener("click", closeOutside);
  }

  function closeOutside(event) {
    if (!event.composedPath().includes(node)) close();
  }

  node.addEventListener("keydown", (event) => {
    if (list.hidden) return;
    if (event.key === "Escape") {
      close();
      opener.focus();
    }
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    const all = choices();
    all[(all.indexOf(document.activeElement) + step + all.length) % all.length]?.focus();
  });
  list.addEventListener("click", (event) => {
    if (!event.target.closest("a, button")) return;
    close();
    if (node.contains(document.activeElement) || document.activeElement === document.body) opener.focus();
  });
  return { node, destroy: () => document.removeEventListener("click", closeOutside) };
}
