// Loads the user's recordings. Responses to requests from before a local change are out of date and are not shown.

import * as api from "../api.js";
import { coalesce } from "../coalesce.js";

const [FIRST_COUNT, PAGE_SIZE] = [20, 100];

// `showRecordings(recordings, total, isCurrent)` is called after each load of the list; it ends early when not isCurrent() any more.
// `filters()` returns those of the API.
export function recordingLoader(showRecordings, filters) {
  let count = FIRST_COUNT; // of recordings that are shown
  let localChanges = 0;

  const loadPage = (number, size = Math.min(count, PAGE_SIZE)) => api.listRecordings(number, size, filters());

  // Load all recordings shown so far, again if there was a local change meanwhile.
  const loadAll = coalesce(async function loadPages() {
    const changesBefore = localChanges;
    const results = await Promise.all(Array.from({ length: Math.ceil(count / PAGE_SIZE) }, (_, index) => loadPage(index + 1)));
    const isCurrent = () => changesBefore === localChanges;
    if (isCurrent()) await showRecordings(results.flatMap((result) => result.recordings), results[0].total, isCurrent);
    if (!isCurrent()) await loadPages();
  });

  // Load the next ones only; `append(recordings, isCurrent)` shows them after the others, as long as isCurrent().
  async function loadMore(append) {
    const changesBefore = localChanges;
    const larger = count < PAGE_SIZE ? PAGE_SIZE : count + PAGE_SIZE;
    const { recordings } = await loadPage(larger / PAGE_SIZE, PAGE_SIZE); // if this fails, the next call loads the same page
    count = larger;
    const isCurrent = () => changesBefore === localChanges;
    if (!isCurrent()) return loadAll();
    await append(recordings, isCurrent);
    if (!isCurrent()) await loadAll();
  }

  // Return the recording, or null if it can't be loaded or there was a local change meanwhile.
  async function loadOne(id) {
    const changesBefore = localChanges;
    const recording = await api.getRecording(id).catch(() => null);
    return changesBefore === localChanges ? recording : null;
  }

  return {
    loadAll,
    loadOne,
    loadMore,
    showFirstPage: () => (count = FIRST_COUNT),
    recordLocalChange: () => (localChanges += 1),
  };
}
