// Changes that depend on each other: each is sent when the one before it has been answered, so that it knows the newest version.

// Return a function that runs asynchronous actions one after the other, and returns a promise of what the action returns.
export function inTurn() {
  let last = Promise.resolve();
  return (action) => {
    last = last.then(action, action);
    return last;
  };
}
