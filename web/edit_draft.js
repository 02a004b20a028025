// What is being typed into a segment of a transcript, so that a reload does not lose it. The tab keeps it.

export function editDraft(recordingId) {
  const key = `lectern.draft.${recordingId}`;
  return {
    save: (segmentId, text) => sessionStorage.setItem(key, JSON.stringify({ segmentId, text })),
    clear: () => sessionStorage.removeItem(key),
    // Return { segmentId, text }, or null.
    read: () => JSON.parse(sessionStorage.getItem(key)),
  };
}
