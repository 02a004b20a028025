// Client of the server's API. Cookies carry the session; an expired access token is refreshed once.

import { basePath } from "./base_path.js";
import { t } from "./i18n.js";
import { fromServer, loadServerTexts } from "./server_text.js";

export class ApiError extends Error {
  constructor(status, body) {
    super(fromServer(body.message || body.error) || t("The server answered with status {status}.", { status }));
    this.status = status;
    this.code = body.code || "";
    this.hint = fromServer(body.hint);
  }
}

export async function apiError(status, body) {
  await loadServerTexts();
  return new ApiError(status, body);
}

export class NetworkError extends Error {
  constructor() {
    super(t("The server can't be reached."));
    this.hint = t("Check your connection and try again.");
  }
}

const REFRESHED_AT_KEY = "lectern.refreshed";
let sessionExpired = () => {};
let refreshing = null;

export function onSessionExpired(listener) {
  sessionExpired = listener;
}

async function send(method, path, body) {
  const options = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body instanceof FormData) options.body = body;
  else if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(basePath + path, options);
  } catch {
    throw new NetworkError();
  }
  if (!response.ok) throw await apiError(response.status, await response.json().catch(() => ({})));
  return response;
}

const request = (method, path, body) => send(method, path, body).then((response) => response.json().catch(() => ({})));

// A refresh token can be used once, but all tabs share it: one tab refreshes, the others wait for it.
function refreshSession(requestedAt) {
  const refresh = async () => {
    if (Number(localStorage.getItem(REFRESHED_AT_KEY)) > requestedAt) return;
    await request("POST", "/api/v1/auth/refresh", {});
    localStorage.setItem(REFRESHED_AT_KEY, String(Date.now()));
  };
  refreshing ??= (navigator.locks ? navigator.locks.request("lectern-refresh", refresh) : refresh()).finally(() => {
    refreshing = null;
  });
  return refreshing;
}

export async function withSession(attempt) {
  const requestedAt = Date.now();
  try {
    return await attempt();
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  try {
    await refreshSession(requestedAt);
    return await attempt();
  } catch (error) {
    if (error.status === 401) sessionExpired();
    throw error;
  }
}

// `body`: a value to send as JSON, or a FormData.
export const call = (method, path, body) => withSession(() => request(method, path, body));
export const callForBlob = (method, path, body) => withSession(() => send(method, path, body)).then((response) => response.blob());
const encode = encodeURIComponent;

export const getCurrentUser = () => call("GET", "/api/v1/auth/me").then((payload) => payload.user);
export const signIn = (login, password) => request("POST", "/api/v1/auth/login", { email: login, password }).then((payload) => payload.user);
export const register = (email, password, name) => request("POST", "/api/v1/auth/register", { email, password, name });
export const verifyEmail = (token) => request("POST", "/api/v1/auth/verify-email", { token });
export const forgotPassword = (email) => request("POST", "/api/v1/auth/forgot-password", { email });
export const resetPassword = (token, password) => request("POST", "/api/v1/auth/reset-password", { token, password });

// With an expired access token the server would not end the session: refresh it first.
export async function signOut() {
  await getCurrentUser().catch(() => {});
  await request("POST", "/api/v1/auth/logout");
}

export const openSharedRecording = (token, password) => request("POST", `/api/v1/shared/${encode(token)}`, { password });
export const listFormats = () => call("GET", "/api/v1/formats").then((payload) => payload.formats);
export const listRecordings = (page, limit, filters = {}) => call("GET", `/api/v1/recordings?${new URLSearchParams({ page, limit, ...filters })}`);
export const searchLibrary = (q, limit) => call("GET", `/api/v1/search?${new URLSearchParams({ q, limit })}`);
export const getRecording = (id) => call("GET", `/api/v1/recordings/${encode(id)}`);
export const editRecording = (id, changes) => call("PATCH", `/api/v1/recordings/${encode(id)}`, changes);
export const deleteRecording = (id, permanent) => call("DELETE", `/api/v1/recordings/${encode(id)}?permanent=${permanent}`);
export const restoreRecording = (id) => call("POST", `/api/v1/recordings/${encode(id)}/restore`);
export const convertAgain = (id, options) => call("POST", `/api/v1/recordings/${encode(id)}/jobs`, options);
export const importLink = (body) => call("POST", "/api/v1/links", body);
export const importBatch = (body) => call("POST", "/api/v1/batches", body);
export const listBatches = (limit) => call("GET", `/api/v1/batches?limit=${limit}`);
export const getBatch = (id) => call("GET", `/api/v1/batches/${encode(id)}`);
export const cancelBatch = (id) => call("POST", `/api/v1/batches/${encode(id)}/cancel`);
export const retryBatch = (id) => call("POST", `/api/v1/batches/${encode(id)}/retry`);
export const deleteBatch = (id) => call("DELETE", `/api/v1/batches/${encode(id)}`);
export const cancelJob = (id) => call("POST", `/api/v1/jobs/${encode(id)}/cancel`);
export const retryJob = (id) => call("POST", `/api/v1/jobs/${encode(id)}/retry`);
export const getCitation = (id, timeS) => call("GET", `/api/v1/videos/${encode(id)}/citation?time=${timeS}`);
export const listSlides = (id) => call("GET", `/api/v1/recordings/${encode(id)}/slides`);
export const getTranscript = (id, page, limit) => call("GET", `/api/v1/transcripts/${encode(id)}?page=${page}&limit=${limit}`);
export const editSegment = (id, segmentId, text, revision) =>
  call("PATCH", `/api/v1/transcripts/${encode(id)}/segments/${segmentId}`, { text, revision });
export const splitSegment = (id, segmentId, wordId, revision) =>
  call("POST", `/api/v1/transcripts/${encode(id)}/segments/${segmentId}/split`, { word_id: wordId, revision });
export const mergeSegment = (id, segmentId, revision) => call("POST", `/api/v1/transcripts/${encode(id)}/segments/${segmentId}/merge`, { revision });
export const replaceInTranscript = (id, find, replace, revision) =>
  call("POST", `/api/v1/transcripts/${encode(id)}/replacements`, { find, replace, revision });
export const stepTranscript = (id, step, revision) => call("POST", `/api/v1/transcripts/${encode(id)}/${step}`, { revision });
export const listCorrections = (id, state, limit) =>
  call("GET", `/api/v1/transcripts/${encode(id)}/corrections?state=${state}&limit=${limit}`);
export const decideCorrection = (id, correctionId, decision, revision) =>
  call("POST", `/api/v1/transcripts/${encode(id)}/corrections/${correctionId}/${decision}`, { revision });
export const decideAllCorrections = (id, decision, revision) =>
  call("POST", `/api/v1/transcripts/${encode(id)}/corrections/${decision}-all`, { revision });
export const proofread = (id) => call("POST", `/api/v1/transcripts/${encode(id)}/proofread`, { engine: "rules", review_first: true });
export const listDoubtfulWords = (id) => call("GET", `/api/v1/transcripts/${encode(id)}/doubtful-words?limit=1000`);
export const renderDocuments = (id) => call("POST", `/api/v1/transcripts/${encode(id)}/documents`, {});
export const listBookmarks = (id) => call("GET", `/api/v1/recordings/${encode(id)}/bookmarks`);
export const addBookmark = (id, timeS) => call("POST", `/api/v1/recordings/${encode(id)}/bookmarks`, { time_s: timeS });
export const changeBookmark = (id, bookmarkId, changes) => call("PATCH", `/api/v1/recordings/${encode(id)}/bookmarks/${encode(bookmarkId)}`, changes);
export const deleteBookmark = (id, bookmarkId) => call("DELETE", `/api/v1/recordings/${encode(id)}/bookmarks/${encode(bookmarkId)}`);
export const getPosition = (id) => call("GET", `/api/v1/videos/${encode(id)}/position`).then((payload) => payload.position_s);
export const setPosition = (id, timeS) => call("PUT", `/api/v1/videos/${encode(id)}/position`, { position_s: timeS });
export const documentsZipUrl = (id) => `${basePath}/api/v1/recordings/${encode(id)}/documents.zip`;
export const listNotices = (limit) => call("GET", `/api/v1/notices?limit=${limit}`);
export const markNoticeRead = (id) => call("POST", `/api/v1/notices/${encode(id)}/read`);
export const markAllNoticesRead = () => call("POST", "/api/v1/notices/read");
export const deleteNotice = (id) => call("DELETE", `/api/v1/notices/${encode(id)}`);
export const deleteAllNotices = () => call("DELETE", "/api/v1/notices");
export const watchUrl = (recordingId) => `${basePath}/watch/${encode(recordingId)}`;
export const firstSlideUrl = (recordingId) => `${basePath}/api/v1/recordings/${encode(recordingId)}/slides/1/image`;
export const firstPictureUrl = (recordingId) => `${basePath}/api/v1/videos/${encode(recordingId)}/slides/1/image`;
export const mediaUrl = (recordingId) => `${basePath}/api/v1/recordings/${encode(recordingId)}/media`;
export const posterUrl = (recordingId) => `${basePath}/api/v1/recordings/${encode(recordingId)}/poster`;
export const artifactUrl = (artifact) => `${basePath}/api/v1/artifacts/${encode(artifact.id)}/content`;
