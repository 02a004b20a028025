// Asks again and again while there is something to wait for: often in sight, seldom in a hidden tab, less often after a failure.

const SEEN_MS = 1200;
const HIDDEN_MS = 20_000;
const LONGEST_MS = 30_000;

// `look()` -> whether to go on. The poller sleeps until `wake()` is called.
export function poller(look, onTrouble) {
  let timer = 0;
  let failures = 0;
  let looking = false;
  let woken = false;
  let ended = false;

  async function turn() {
    timer = 0;
    looking = true;
    woken = false;
    let more = true;
    try {
      more = await look();
      if (failures) onTrouble(null);
      failures = 0;
    } catch (error) {
      if (error.status === 401) return end();
      failures += 1;
      onTrouble(error);
    } finally {
      looking = false;
    }
    if ((more || woken) && !ended) timer = setTimeout(turn, pause());
  }

  const pause = () => (document.hidden ? HIDDEN_MS : Math.min(LONGEST_MS, SEEN_MS * 2 ** failures));

  function wake() {
    woken = true;
    if (ended || looking) return;
    clearTimeout(timer);
    timer = setTimeout(turn, 0);
  }

  function seen() {
    if (!document.hidden && timer) wake();
  }

  function end() {
    ended = true;
    clearTimeout(timer);
    document.removeEventListener("visibilitychange", seen);
  }

  document.addEventListener("visibilitychange", seen);
  return { wake, end };
}
