// Questions in front of the page. Escape and a click beside the dialog mean no.

import { field, h } from "./dom.js";

function ask(title, content, { yes, kind, read }) {
  const accept = h("button", { type: "submit", value: "yes", class: `button ${kind}` }, yes);
  const decline = h("button", { type: "button", class: "button", on: { click: () => dialog.close("") } }, "Cancel"); // Enter must not press it
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "dialog-title" },
    h("form", { method: "dialog", class: "form" }, h("h2", { id: "dialog-title" }, title), ...content, h("div", { class: "row end" }, decline, accept)),
  );
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close(""));
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "yes" ? read() : null);
      dialog.remove();
    });
    dialog.showModal();
    (dialog.querySelector("input") ?? decline).focus();
    dialog.querySelector("input")?.select();
  });
}

export function askToDelete(title) {
  const text = h("p", {}, h("strong", {}, title), " and every document made from it will be deleted. This can't be undone.");
  return ask("Delete this recording?", [text], { yes: "Delete", kind: "danger", read: () => true });
}

// -> the new title, or null.
export function askForTitle(title) {
  const input = h("input", { type: "text", required: true, maxlength: 500, autocomplete: "off" });
  input.value = title;
  const control = field("Title", input, "Documents that are made already keep the old one.");
  return ask("Rename", [control], { yes: "Save", kind: "primary", read: () => input.value.trim() || null });
}
