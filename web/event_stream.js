// The events of the user's jobs (GET /api/v1/events): one EventSource for all parts of the page.
// While the stream can't be opened, the subscribers are refreshed by polling, with growing delays; each poll tries the stream again.
// A hidden tab closes the stream, because browsers allow only six connections to a host over HTTP/1.1.

import { basePath } from "./base_path.js";

const KINDS = ["queued", "running", "stage", "progress", "retrying", "requeued", "cancelling", "succeeded", "failed", "cancelled", "script_ready", "documents_ready"];
const MIN_DELAY_MS = 1000;
const MAX_DELAY_MS = 30_000;

export class JobEventStream {
  #subscribers = new Set();
  #source = null;
  #isOpen = false;
  #isClosed = false;
  #failures = 0;
  #timer = 0;

  constructor() {
    document.addEventListener("visibilitychange", this.#onVisibilityChange);
    if (!document.hidden) this.#connect();
  }

  // `onEvent(event)`: the event's data and its `kind`. `refresh()`: loads the current state; it must not reject.
  // Return unsubscribe().
  subscribe(subscriber) {
    this.#subscribers.add(subscriber);
    const refreshesOnOpen = this.#source && !this.#isOpen && !this.#failures;
    if (!refreshesOnOpen) subscriber.refresh();
    return () => this.#subscribers.delete(subscriber);
  }

  close() {
    this.#isClosed = true;
    document.removeEventListener("visibilitychange", this.#onVisibilityChange);
    this.#disconnect();
  }

  #connect() {
    this.#source ??= this.#openSource();
    this.#schedulePoll();
  }

  #disconnect() {
    this.#source?.close();
    this.#source = null;
    this.#isOpen = false;
    this.#failures = 0;
    this.#cancelPoll();
  }

  #openSource() {
    const source = new EventSource(`${basePath}/api/v1/events`);
    source.addEventListener("open", () => this.#onOpen());
    source.addEventListener("error", () => this.#onError());
    for (const kind of KINDS) {
      source.addEventListener(kind, (message) => this.#publish({ ...JSON.parse(message.data), kind }));
    }
    return source;
  }

  #onOpen() {
    this.#isOpen = true;
    this.#failures = 0;
    this.#cancelPoll();
    this.#refreshAll(); // events before the connection are not sent
  }

  // The browser reconnects by itself after a network error, but not after an error status (401, 503).
  #onError() {
    this.#isOpen = false;
    if (this.#source.readyState === EventSource.CLOSED) {
      this.#source = null;
      if (!this.#failures) {
        this.#cancelPoll();
        this.#poll(); // also renews an expired access token
        return;
      }
    }
    this.#schedulePoll();
  }

  #publish(event) {
    for (const subscriber of this.#subscribers) subscriber.onEvent(event);
  }

  #refreshAll() {
    return Promise.all([...this.#subscribers].map((subscriber) => subscriber.refresh()));
  }

  async #poll() {
    this.#timer = 0;
    this.#failures += 1;
    await this.#refreshAll();
    if (!this.#isClosed && !this.#isOpen && !document.hidden) this.#connect();
  }

  #schedulePoll() {
    const delayMs = Math.min(MAX_DELAY_MS, MIN_DELAY_MS * 2 ** this.#failures);
    this.#timer ||= setTimeout(() => this.#poll(), delayMs);
  }

  #cancelPoll() {
    clearTimeout(this.#timer);
    this.#timer = 0;
  }

  #onVisibilityChange = () => {
    if (document.hidden) this.#disconnect();
    else this.#connect();
  };
}
