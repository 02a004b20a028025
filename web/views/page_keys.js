// Which keys work everywhere on a page.

const OWN_KEYS = "input, textarea, select, [contenteditable], dialog, [popover], [role=tablist]";

// Whether a key was pressed outside of fields, dialogs and menus, and nothing has used it yet.
export function isPageKey(event) {
  return !event.defaultPrevented && !document.querySelector("dialog[open]") && !targetOf(event).closest(OWN_KEYS);
}

export function targetOf(event) {
  return event.target instanceof Element ? event.target : document.body;
}
