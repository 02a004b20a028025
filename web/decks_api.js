// Requests about the deck that a lecture was given with.

import { call } from "./api.js";

const path = (id) => `/api/v1/recordings/${encodeURIComponent(id)}/deck`;

export const getDeck = (id) => call("GET", path(id));
export const removeDeck = (id) => call("DELETE", path(id));

export function attachDeck(id, file) {
  const form = new FormData();
  form.append("deck", file);
  return call("PUT", path(id), form);
}
