// Forms that send one request and say how it ended.

import { announce, errorNote, h, replaceContent, statusNote } from "./dom.js";
import { keepFormDrafts } from "./draft_field.js";

// `submit(values)`: gets the named values of the form and returns a promise of the message to show, "" for none.
// `draft`: a name under which typed text is kept until it is sent (see draft_field.js), "" for texts that are soon typed again.
export function actionForm({ label, fields, submitLabel, variant = "", draft = "", submit }) {
  const messages = h("div", { class: "messages" });
  const submitButton = h("button", { type: "submit", class: `button ${variant}`.trim() }, submitLabel);
  const form = h("form", { class: "form", "aria-label": label, on: { submit: handleSubmit } }, fields, messages, h("div", { class: "row" }, submitButton));
  const drafts = draft && keepFormDrafts(form, draft);
  if (drafts) messages.before(drafts.note);

  async function handleSubmit(event) {
    event.preventDefault();
    if (submitButton.getAttribute("aria-disabled")) return;
    submitButton.setAttribute("aria-disabled", "true"); // `disabled` would drop the focus
    replaceContent(messages);
    try {
      const message = await submit(Object.fromEntries(new FormData(form)), form);
      if (drafts) drafts.clear();
      if (message) replaceContent(messages, statusNote(message));
    } catch (error) {
      if (error.status !== 401 || error.code !== "authentication_required") replaceContent(messages, errorNote(error));
    }
    submitButton.removeAttribute("aria-disabled");
  }

  return form;
}

// Return a card with a heading and content that is loaded from the server: `load()` returns a promise of nodes.
// Return { node, reload, showError, showMessage }: `showMessage(note)` shows a note that stays when the content is loaded again.
export function loadedSection({ id, title, hint = "", load }) {
  const notes = h("div", { class: "messages" });
  const content = h("div", { class: "stack", "aria-busy": "true" });
  const node = h("section", { class: "card stack", id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title`, tabindex: -1 }, title), hint && h("p", { class: "hint" }, hint), notes, content);

  async function reload(message = "") {
    try {
      replaceContent(content, await load());
      if (message) announce(message);
    } catch (error) {
      replaceContent(content, errorNote(error));
    }
    content.removeAttribute("aria-busy");
    if (message && document.activeElement === document.body) node.querySelector("h2").focus(); // the pressed button was removed
  }

  function showMessage(note) {
    replaceContent(notes, note);
    node.scrollIntoView({ block: "start" });
  }

  Promise.resolve().then(reload); // `load` may use what this returns
  return { node, reload, showError: (error) => content.prepend(errorNote(error)), showMessage };
}
