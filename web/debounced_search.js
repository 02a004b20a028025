// Searches while somebody types: after a pause in typing, and only the newest search may show its results.

const DELAY_MS = 250;

// `load(isCurrent)` searches; it must show nothing once `isCurrent()` is false. Return { start, startLater, stop }.
export function debouncedSearch(load) {
  let timer = 0;
  let latest = 0;

  function start(...args) {
    clearTimeout(timer);
    const number = (latest += 1);
    return load(() => number === latest, ...args);
  }

  return {
    start,
    startLater(...args) {
      clearTimeout(timer);
      timer = setTimeout(start, DELAY_MS, ...args);
    },
    stop() {
      clearTimeout(timer);
      latest += 1;
    },
  };
}
