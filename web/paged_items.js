// The items of a long list of the server. They are loaded a page at a time, as they are needed. Responses to requests from before a local
// change are out of date and are not used.

const PAGE_SIZE = 20;
const LARGE_PAGE_SIZE = 100; // a multiple of the other

// `loadPage(number, size)` resolves with { items, total }; items have an `id`. `neededRange()` returns the positions [from, to) that are
// shown. `onChange()`: called after each change. The methods that load reject if a request fails.
export function pagedItems({ loadPage, neededRange, onChange }) {
  let items = []; // by position; those that are not loaded are missing
  let total = 0;
  let changes = 0; // of this page
  let loading = null;

  const has = (position) => position in items;
  const positionOf = (id) => items.findIndex((item) => item?.id === id);

  // Show a change of the user's, which responses to earlier requests don't know.
  function changed() {
    changes += 1;
    onChange();
  }

  // The number of the first page with a missing item in [from, to), 0 if there is none.
  function missingPage([from, to], size = PAGE_SIZE) {
    for (let position = Math.max(0, from); position < Math.min(to, total); position += 1) if (!has(position)) return Math.floor(position / size) + 1;
    return 0;
  }

  function store(number, page, size = PAGE_SIZE) {
    if (page.total !== total) items = []; // the list has changed meanwhile: load what is shown again
    total = page.total;
    for (const [index, item] of page.items.entries()) items[(number - 1) * size + index] = item;
    if (!page.items.length) total = Math.min(total, (number - 1) * size);
  }

  async function loadMissing() {
    for (let number = missingPage(neededRange()); number; number = missingPage(neededRange())) {
      const changesBefore = changes;
      const page = await loadPage(number, PAGE_SIZE);
      if (changesBefore !== changes) continue;
      store(number, page);
      onChange();
    }
  }

  // Load the shown items again and forget all others.
  async function refresh() {
    const [from, to] = neededRange();
    const first = 1 + Math.floor(Math.max(0, from) / PAGE_SIZE);
    const last = Math.max(first, Math.ceil(Math.min(to, total) / PAGE_SIZE));
    const changesBefore = changes;
    const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    const pages = await Promise.all(numbers.map((number) => loadPage(number, PAGE_SIZE)));
    if (changesBefore !== changes) return refresh();
    items = [];
    for (const [index, page] of pages.entries()) store(numbers[index], page);
    onChange();
    await loadMissing(); // those before, if the list has become shorter
  }

  return {
    refresh,
    total: () => total,
    at: (position) => items[position],
    find: (id) => items[positionOf(id)],
    positionOf,
    isIncomplete: () => missingPage(neededRange()) > 0,
    // Load the missing ones of the shown items, one page after the other.
    loadNeeded() {
      loading ??= loadMissing().finally(() => {
        loading = null;
      });
      return loading;
    },
    // Load all items, and return them.
    async loadAll() {
      for (let number = missingPage([0, total], LARGE_PAGE_SIZE); number; number = missingPage([0, total], LARGE_PAGE_SIZE)) {
        store(number, await loadPage(number, LARGE_PAGE_SIZE), LARGE_PAGE_SIZE);
        onChange();
      }
      return items.filter(Boolean);
    },
    recordLocalChange: () => (changes += 1),
    // Return what `read()` resolves with, null if it fails or there was a local change meanwhile.
    async reading(read) {
      const changesBefore = changes;
      const result = await read().catch(() => null);
      return changesBefore === changes ? result : null;
    },
    update(item) {
      const position = positionOf(item.id);
      if (position < 0) return;
      items[position] = item;
      onChange();
    },
    addFirst(item) {
      items.unshift(item);
      total += 1;
      changed();
    },
    remove(id) {
      const position = positionOf(id);
      if (position < 0) return;
      items.splice(position, 1);
      total -= 1;
      changed();
    },
  };
}
