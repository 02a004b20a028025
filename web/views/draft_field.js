// Keeps what is typed into text fields until it is saved. What was typed before the page was loaded again comes back; if the saved text
// has changed meanwhile, both are shown.

import { draftsOf } from "../drafts.js";
import { t } from "../i18n.js";
import { serverText } from "../server_text.js";
import { button, h, replaceContent } from "./dom.js";

const TEXT_FIELDS = "textarea, input:not([type]), input[type=text], input[type=email], input[type=url], input[type=number], input[type=datetime-local]";

// A note that shows the text that somebody else has saved; `take()` is called if the user prefers it.
export function conflictNote(theirs, take, ...buttons) {
  return h(
    "div",
    { class: "note note-warning conflict", role: "status" },
    h("p", { class: "strong" }, t("This was changed elsewhere while you were typing:")),
    h("p", { class: "conflict-text", dir: "auto" }, theirs || t("(empty)")),
    h("div", { class: "row" }, buttons, button(t("Use this text"), { on: { click: take } })),
  );
}

// A note about a text that could not be saved. `error`: why, null if unknown.
export function failureNote(error, ...buttons) {
  const reason = error && [serverText(error.message), error.hint && serverText(error.hint)].filter(Boolean).flatMap((text) => [" ", text]);
  return h("div", { class: "note note-error", role: "alert" }, h("p", {}, h("strong", {}, t("Not saved.")), reason), h("div", { class: "row" }, buttons));
}

// `control` has the saved text; `drafts`: see ../drafts.js; `name`: the control's name among them; `extra`: is kept with the text.
// Return { state, saved(text), undo() }, where `state` is "saved", "restored" or "conflict"; call saved() when the text has been saved.
export function keepDraft(control, drafts, name, extra = {}) {
  let base = control.value;
  let note = null;
  const keep = () => (control.value === base ? drafts.remove(name) : drafts.set(name, { ...extra, base, text: control.value }));
  control.addEventListener("input", keep);
  control.addEventListener("focus", () => {
    if (!drafts.get(name)) base = control.value; // it may have been filled anew
  });

  function setSaved(text = control.value) {
    base = text;
    note?.remove();
    if (control.value === text) drafts.remove(name);
    else keep(); // it was typed on meanwhile
  }

  function undo() {
    control.value = base;
    setSaved();
  }

  function restore() {
    const draft = drafts.get(name);
    if (!draft || draft.text.trim() === base.trim()) {
      if (draft) drafts.remove(name);
      return "saved";
    }
    control.value = draft.text;
    if (draft.base === base) return "restored";
    note = conflictNote(base, () => {
      undo();
      control.focus();
      control.dispatchEvent(new Event("input", { bubbles: true }));
    });
    control.after(note);
    keep(); // both texts have been seen: the next save replaces the other one
    return "conflict";
  }

  return { state: restore(), saved: setSaved, undo };
}

// Keep the drafts of a form whose fields have their saved texts. Passwords are not kept. Return { note, clear() }; the note tells what was restored.
export function keepFormDrafts(form, scope) {
  const drafts = draftsOf(scope);
  const note = h("div", { class: "messages" });
  const fieldDrafts = [...form.querySelectorAll(TEXT_FIELDS)].map((control) => keepDraft(control, drafts, nameOf(control)));
  const clear = () => {
    for (const each of fieldDrafts) each.saved();
    drafts.clear(); // those of fields that the form has no more, too
    replaceContent(note);
  };
  const discard = () => {
    for (const each of fieldDrafts) each.undo();
    clear();
    form.querySelector(TEXT_FIELDS).focus();
  };
  if (fieldDrafts.some(({ state }) => state !== "saved")) {
    replaceContent(note, h("div", { class: "note row between", role: "status" }, h("p", {}, t("What you typed before is here again. It is not saved yet.")), button(t("Discard"), { on: { click: discard } })));
  }
  return { note, clear };
}

const nameOf = (control) => control.name || control.getAttribute("aria-label") || control.closest(".field")?.querySelector("label")?.textContent || control.id;
