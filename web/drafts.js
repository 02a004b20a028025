// Text that was typed and is not saved yet. The tab keeps it, so that a failed request, a new sign-in or a reload does not lose it.

const PREFIX = "lectern.draft.";
const OWNER_KEY = "lectern.drafts-of";

// The drafts of one form or list: values that can be written as JSON, by name.
export function draftsOf(scope) {
  const key = PREFIX + scope;
  const all = () => JSON.parse(sessionStorage.getItem(key)) ?? {};

  function change(edit) {
    const drafts = all();
    edit(drafts);
    if (!Object.keys(drafts).length) return sessionStorage.removeItem(key);
    try {
      sessionStorage.setItem(key, JSON.stringify(drafts));
    } catch {
      // The store of the tab is full: the text is in its field only.
    }
  }

  return {
    all,
    get: (name) => all()[name] ?? null,
    set: (name, draft) => change((drafts) => (drafts[name] = draft)),
    remove: (name) => change((drafts) => delete drafts[name]),
    clear: () => sessionStorage.removeItem(key),
  };
}

export function deleteAllDrafts() {
  for (const key of Object.keys(sessionStorage)) if (key.startsWith(PREFIX)) sessionStorage.removeItem(key);
}

// Drafts of another user, who used this tab before, are deleted.
export function keepDraftsOf(userId) {
  if (sessionStorage.getItem(OWNER_KEY) !== userId) deleteAllDrafts();
  sessionStorage.setItem(OWNER_KEY, userId);
}
