// Loads the user's recordings. Responses to requests from before a local change are out of date and are not shown.

import * as api from "../api.js";
import { coalesce } from "../coalesce.js";

const [FIRST_COUNT, PAGE_SIZE] = [20, 100];

// `showRecordings(recordings, total)` is called after each load of the list. `filters()` returns those of the API.
export function recordingLoader(showRecordings, filters) {
  let count = FIRST_COUNT; // of recordings that are shown
  let localChanges = 0;

  const loadPage = (number) => api.listRecordings(number, Math.min(count, PAGE_SIZE), filters());

  // Load all recordings shown so far, again if there was a local change meanwhile.
  const loadAll = coalesce(async function loadPages() {
    const changesBefore = localChanges;
    const results = await Promise.all(Array.from({ length: Math.ceil(count / PAGE_SIZE) }, (_, index) => loadPage(index + 1)));
    if (changesBefore !== localChanges) return loadPages();
    showRecordings(results.flatMap((result) => result.recordings), results[0].total);
  });

  // Load the next ones only; `append(recordings)` shows them after the others.
  async function loadMore(append) {
    const changesBefore = localChanges;
    count = count < PAGE_SIZE ? PAGE_SIZE : count + PAGE_SIZE;
    const { recordings } = await loadPage(count / PAGE_SIZE);
    if (changesBefore !== localChanges) return loadAll();
    append(recordings);
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
