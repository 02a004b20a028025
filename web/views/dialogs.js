// Modal dialogs. Escape and a click outside cancel them.

import { t } from "../i18n.js";
import { field, h, icon } from "./dom.js";
import { actionForm } from "./forms.js";

// Return a promise of `readValue()` after a confirmation, of null after a cancellation.
function openDialog(title, content, { confirmLabel, variant, dismissLabel = confirmLabel === t("Cancel") ? t("Keep it") : t("Cancel"), readValue }) {
  const confirm = h("button", { type: "submit", value: "confirm", class: `button ${variant}` }, confirmLabel);
  const cancel = h("button", { type: "button", class: "button", on: { click: () => dialog.close("") } }, dismissLabel); // not a submit button: Enter confirms
  const dialog = h(
    "dialog",
    { class: "dialog", "aria-labelledby": "dialog-title" },
    h("form", { method: "dialog", class: "form" }, h("h2", { id: "dialog-title" }, title), ...content, h("div", { class: "row end" }, cancel, confirm)),
  );
  document.body.append(dialog);
  return new Promise((resolve) => {
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close(""));
    dialog.addEventListener("close", () => {
      resolve(dialog.returnValue === "confirm" ? readValue() : null);
      dialog.remove();
    });
    dialog.showModal();
    (dialog.querySelector("input") ?? cancel).focus();
    dialog.querySelector("input")?.select();
  });
}

// Show a dialog that only informs. Return it.
export function showDialog(title, content, { className = "" } = {}) {
  const close = h("button", { type: "button", class: "button quiet dialog-close", "aria-label": t("Close"), on: { click: () => dialog.close() } }, icon("close"));
  const head = h("div", { class: "dialog-head" }, h("h2", { id: "dialog-title" }, title), close);
  const dialog = h("dialog", { class: `dialog ${className}`.trim(), "aria-labelledby": "dialog-title" }, head, ...content);
  document.body.append(dialog);
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => dialog.remove());
  dialog.showModal();
  return dialog;
}

// Ask before an action. Return a promise of true, or of null.
export function askFor(question, confirmLabel, { variant = "primary", text = "", dismissLabel } = {}) {
  return openDialog(question, text ? [h("p", {}, text)] : [], { confirmLabel, variant, dismissLabel, readValue: () => true });
}

// `isFinal`: it can't be restored.
export function confirmDeletion(title, isFinal) {
  const consequence = isFinal
    ? t("It and all its documents are deleted. This cannot be undone.")
    : t("It moves to the trash, where it can be restored for some time. A server that keeps no trash deletes it at once.");
  const text = [h("p", { class: "strong" }, title), h("p", {}, consequence)];
  return openDialog(t("Delete this recording?"), text, { confirmLabel: t("Delete"), variant: "danger", readValue: () => true });
}

// Show a form; `submit(values)` returns a promise. The dialog closes when it has succeeded, and shows its error otherwise. `draft`: see forms.js.
export function formDialog(title, { fields, submitLabel, draft = "", submit }) {
  const submitAndClose = async (values) => {
    await submit(values);
    dialog.close();
    return "";
  };
  const form = actionForm({ label: title, fields, submitLabel, variant: "primary", draft, submit: submitAndClose });
  const dialog = showDialog(title, [form]);
  form.querySelector("input, select")?.focus();
  return dialog;
}

// Ask for the password before an action that can't be undone. Return a promise of the password, or of null.
export function promptForPassword(question, text, confirmLabel) {
  const input = h("input", { type: "password", maxlength: 256, autocomplete: "current-password" });
  const content = [h("p", {}, text), field(t("Your password"), input)];
  return openDialog(question, content, { confirmLabel, variant: "danger", readValue: () => input.value });
}
