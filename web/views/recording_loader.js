// Loads the user's recordings. Responses to requests from before a local change are out of date and are not shown.

import * as api from "../api.js";
import { coalesce } from "../coalesce.js";

const PAGE_SIZE = 20;

// `showRecordings(recordings, total)` is called after each load of the list. `filters()` returns those of the API.
export function recordingLoader(showRecordings, filters) {
  let pages = 1;
  let localChanges = 0;

  // Load all pages shown so far, again if there was a local change meanwhile.
  const loadAll = coalesce(async function loadPages() {
    const changesBefore = localChanges;
    const results = await Promise.all(Array.from({ length: pages }, (_, index) => api.listRecordings(index + 1, PAGE_SIZE, filters())));
    if (changesBefore !== localChanges) return loadPages();
    showRecordings(results.flatMap((result) => result.recordings), results[0].total);
  });

  // Return the recording, or null if it can't be loaded or there was a local change meanwhile.
  async function loadOne(id) {
    const changesBefore = localChanges;
    const recording = await api.getRecording(id).catch(() => null);
    return changesBefore === localChanges ? recording : null;
  }

  return {
    loadAll,
    loadOne,
    showNextPage: () => (pages += 1),
    showFirstPage: () => (pages = 1),
    recordLocalChange: () => (localChanges += 1),
  };
}
