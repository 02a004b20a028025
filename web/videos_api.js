// Requests about recordings as their viewers see them.

import { call } from "./api.js";

const path = (id) => `/api/v1/videos/${encodeURIComponent(id)}`;

export const getVideo = (id) => call("GET", path(id));
export const getPlayback = (id) => call("GET", `${path(id)}/playback`);
