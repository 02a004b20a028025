// Requests about slide edits: corrections of the detected slides.

import { call } from "./api.js";

const path = (id) => `/api/v1/recordings/${encodeURIComponent(id)}/slide-edits`;

export const getSlideEdits = (id) => call("GET", path(id));
export const addSlideEdit = (id, change, revision) => call("POST", path(id), { change, revision });
export const undoSlideEdit = (id, revision) => call("POST", `${path(id)}/undo`, { revision });
export const redoSlideEdit = (id, revision) => call("POST", `${path(id)}/redo`, { revision });
export const renderSlideEdits = (id) => call("POST", `${path(id)}/documents`);
