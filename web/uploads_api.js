// Uploads of recordings. A large file goes by the tus protocol: an interrupted upload continues where it ended, also after
// a reload of the page, when the person has chosen the file again.

import { apiError, getCurrentUser, getRecording, NetworkError, withSession } from "./api.js";
import { basePath } from "./base_path.js";
import { findUpload, forgetUpload, rememberUpload, whileSending } from "./unfinished_uploads.js";

const MIN_RESUMABLE_BYTES = 2 ** 20; // a smaller file is sent in one request
const RETRY_DELAYS_MS = [500, 2000, 5000, 15_000];
const LOCKED = 423;
const TEMPORARY_STATUSES = [409, LOCKED, 502, 503, 504]; // 409 and 423: the request before has not ended yet
const VERSION = { "Tus-Resumable": "1.0.0" };

const delay = (timeMs) => new Promise((resolve) => setTimeout(resolve, timeMs));

// Return { recording: a promise of the stored recording, abort(), interrupt() }; an upload that is only interrupted can be continued.
// `onProgress(sentBytes, totalBytes)`
export function uploadRecording(fields, onProgress) {
  const requests = uploadRequests();
  const send = async () => {
    const user = await getCurrentUser(); // detects an expired session before a large file is sent
    const isResumable = fields.file.size >= MIN_RESUMABLE_BYTES && !fields.subtitles;
    return isResumable ? sendResumable(requests, user.id, fields, onProgress) : sendAtOnce(requests, fields, onProgress);
  };
  return { recording: send(), abort: requests.abort, interrupt: requests.interrupt };
}

// Return { offset, size, recordingId } of an unfinished upload; throws an ApiError of status 404 if it has expired.
export const getUploadState = (path) => stateOf(uploadRequests(), path);

// The server deletes what has arrived, as soon as it has noticed that nothing more will.
export async function discardUpload(path) {
  for (let failures = 0; ; failures += 1) {
    try {
      return await uploadRequests().send("DELETE", path, { headers: VERSION });
    } catch (error) {
      if (error.status !== LOCKED || failures === RETRY_DELAYS_MS.length) throw error;
      await delay(RETRY_DELAYS_MS[failures]);
    }
  }
}

// XMLHttpRequest, because fetch() does not report the progress of a request. After abort() and interrupt(), requests reject.
function uploadRequests() {
  let current = null;
  let isAborted = false;
  let isInterrupted = false;

  // Return a promise of the finished request.
  function attempt(method, path, { headers = {}, body = null, onProgress = () => {} } = {}) {
    return new Promise((resolve, reject) => {
      const rejectAborted = () => reject(new DOMException("Cancelled", "AbortError"));
      if (isAborted) return rejectAborted();
      current = new XMLHttpRequest();
      const { upload } = current;
      current.open(method, basePath + path);
      current.responseType = "json";
      for (const [name, value] of Object.entries({ Accept: "application/json", ...headers })) current.setRequestHeader(name, value);
      upload.onprogress = (event) => onProgress(event.loaded, event.total);
      current.onload = ({ target }) => (target.status < 300 ? resolve(target) : apiError(target.status, target.response ?? {}).then(reject));
      current.onerror = () => reject(new NetworkError());
      current.onabort = rejectAborted;
      current.send(body);
    });
  }

  function abort() {
    isAborted = true;
    current?.abort();
  }

  return {
    send: (...request) => withSession(() => attempt(...request)),
    isInterrupted: () => isInterrupted,
    abort,
    interrupt() {
      isInterrupted = true;
      abort();
    },
  };
}

async function sendAtOnce(requests, fields, onProgress) {
  const body = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) body.append(name, value);
  return (await requests.send("POST", "/api/v1/recordings", { body, onProgress })).response;
}

async function sendResumable(requests, userId, fields, onProgress) {
  const { file } = fields;
  const storedUpload = findUpload(userId, file);
  const { path } = storedUpload ?? (await beginUpload(requests, userId, fields));
  try {
    const recordingId = await whileSending(path, () => sendRest(requests, path, file, { isNew: !storedUpload, onProgress }));
    forgetUpload(path);
    return await getRecording(recordingId);
  } catch (error) {
    if (error.status === 404) {
      forgetUpload(path);
      // It has expired; or, if it is new, requests reach several machines that do not share what has arrived.
      return storedUpload ? sendResumable(requests, userId, fields, onProgress) : sendAtOnce(requests, fields, onProgress);
    }
    if (isFinal(error) && !requests.isInterrupted()) {
      forgetUpload(path);
      delay(RETRY_DELAYS_MS[0]).then(() => discardUpload(path)).catch(() => {}); // the server deletes it later
    }
    throw error;
  }
}

// A lost connection, a full queue or an ended session leave the upload to be continued.
const isFinal = (error) => error.name === "AbortError" || (error.status >= 400 && error.status < 500 && ![401, 429, ...TEMPORARY_STATUSES].includes(error.status));

async function beginUpload(requests, userId, { file, ...options }) {
  const metadata = Object.entries({ filename: file.name, ...options }).filter(([, value]) => value);
  const headers = { ...VERSION, "Upload-Length": file.size, "Upload-Metadata": metadata.map(([name, value]) => `${name} ${base64(value)}`).join(",") };
  const creation = await requests.send("POST", "/api/v1/uploads", { headers });
  const path = new URL(creation.getResponseHeader("Location"), location.href).pathname.slice(basePath.length);
  rememberUpload({ path, userId, name: file.name, size: file.size, lastModified: file.lastModified });
  return { path };
}

const base64 = (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text)));

// Send what has not arrived, and go on after a lost connection. Return a promise of the recording's id.
async function sendRest(requests, path, file, { isNew, onProgress }) {
  let state = isNew ? { offset: 0 } : null;
  let arrived = 0;
  for (let failures = 0; ; failures += 1) {
    try {
      state ??= await stateOf(requests, path);
      if (state.offset > arrived) [arrived, failures] = [state.offset, 0];
      return state.recordingId ?? (await appendRest(requests, path, file, state.offset, onProgress));
    } catch (error) {
      const isTemporary = error instanceof NetworkError || TEMPORARY_STATUSES.includes(error.status);
      const delayMs = RETRY_DELAYS_MS[failures];
      if (!isTemporary || delayMs === undefined) throw error;
      await delay(delayMs);
      state = null;
    }
  }
}

async function appendRest(requests, path, file, offset, onProgress) {
  const headers = { ...VERSION, "Content-Type": "application/offset+octet-stream", "Upload-Offset": offset };
  const report = (sentBytes) => onProgress(offset + sentBytes, file.size);
  const response = await requests.send("PATCH", path, { headers, body: file.slice(offset), onProgress: report });
  return response.getResponseHeader("Recording-Id");
}

async function stateOf(requests, path) {
  const response = await requests.send("HEAD", path, { headers: VERSION });
  return {
    offset: Number(response.getResponseHeader("Upload-Offset")),
    size: Number(response.getResponseHeader("Upload-Length")),
    recordingId: response.getResponseHeader("Recording-Id"),
  };
}
