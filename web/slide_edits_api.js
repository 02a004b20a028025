// Requests about corrections of slides.

import { call } from "./api.js";

const path = (id) => `/api/v1/recordings/${encodeURIComponent(id)}/slide-edits`;

export const getSlideEdits = (id) => call("GET", path(id));
export const changeSlides = (id, change, revision) => call("POST", path(id), { change, revision });
export const undoSlideChange = (id, revision) => call("POST", `${path(id)}/undo`, { revision });
export const redoSlideChange = (id, revision) => call("POST", `${path(id)}/redo`, { revision });
export const renderCorrectedSlides = (id) => call("POST", `${path(id)}/documents`);
