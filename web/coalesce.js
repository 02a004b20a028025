// Return a function that runs `work`. Calls during a run share one more run after it, so results never arrive out of order.
export function coalesce(work) {
  let run = null;
  let next = null;
  return function start() {
    if (!run) {
      run = work().finally(() => {
        run = null;
      });
      return run;
    }
    next ??= run.catch(() => {}).then(() => {
      next = null;
      return start();
    });
    return next;
  };
}
