// The server's API. Cookies carry the session; an expired one is renewed once, then the page asks to sign in.

import { root } from "./root.js";

export class ApiError extends Error {
  constructor(status, body) {
    super(body.message || body.error || `The server answered ${status}.`);
    this.status = status;
    this.code = body.code || "";
    this.hint = body.hint || "";
  }
}

export class Offline extends Error {
  constructor() {
    super("The server can't be reached.");
    this.hint = "Check the connection; then try again.";
  }
}

const REFRESHED = "lectern.refreshed";
let onSignedOut = () => {};
let renewing = null;

export function whenSignedOut(listener) {
  onSignedOut = listener;
}

async function send(method, path, body) {
  const options = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (body !== undefined) {
    options.headers["Content-Type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let response;
  try {
    response = await fetch(root + path, options);
  } catch {
    throw new Offline();
  }
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new ApiError(response.status, answer);
  return answer;
}

// A refresh token works once, so that tabs must not use the same one: the first renews, the others wait and go on.
function renew(askedAt) {
  const once = async () => {
    if (Number(localStorage.getItem(REFRESHED)) > askedAt) return;
    await send("POST", "/api/v1/auth/refresh", {});
    localStorage.setItem(REFRESHED, String(Date.now()));
  };
  renewing ??= (navigator.locks ? navigator.locks.request("lectern-refresh", once) : once()).finally(() => {
    renewing = null;
  });
  return renewing;
}

async function signedIn(work) {
  const askedAt = Date.now();
  try {
    return await work();
  } catch (error) {
    if (error.status !== 401) throw error;
  }
  try {
    await renew(askedAt);
    return await work();
  } catch (error) {
    if (error.status === 401) onSignedOut();
    throw error;
  }
}

export const call = (method, path, body) => signedIn(() => send(method, path, body));
const id = encodeURIComponent;

export const me = () => call("GET", "/api/v1/auth/me").then((answer) => answer.user);
export const signIn = (login, password) => send("POST", "/api/v1/auth/login", { email: login, password }).then((answer) => answer.user);
export const register = (email, password, name) => send("POST", "/api/v1/auth/register", { email, password, name });
export const verifyEmail = (token) => send("POST", "/api/v1/auth/verify-email", { token });
export const forgotPassword = (email) => send("POST", "/api/v1/auth/forgot-password", { email });
export const resetPassword = (token, password) => send("POST", "/api/v1/auth/reset-password", { token, password });

// An access token that has run out would leave the session open on the server: renew it first.
export async function signOut() {
  await me().catch(() => {});
  await send("POST", "/api/v1/auth/logout");
}

export const recordings = (page, limit) => call("GET", `/api/v1/recordings?page=${page}&limit=${limit}`);
export const recording = (key) => call("GET", `/api/v1/recordings/${id(key)}`);
export const rename = (key, title) => call("PATCH", `/api/v1/recordings/${id(key)}`, { title });
export const remove = (key) => call("DELETE", `/api/v1/recordings/${id(key)}`);
export const jobs = () => call("GET", "/api/v1/jobs?limit=100").then((answer) => answer.jobs);
export const cancelJob = (key) => call("POST", `/api/v1/jobs/${id(key)}/cancel`);
export const retryJob = (key) => call("POST", `/api/v1/jobs/${id(key)}/retry`);
export const notices = (limit) => call("GET", `/api/v1/notices?limit=${limit}`);
export const readNotice = (key) => call("POST", `/api/v1/notices/${id(key)}/read`);
export const readNotices = () => call("POST", "/api/v1/notices/read");
export const deleteNotice = (key) => call("DELETE", `/api/v1/notices/${id(key)}`);
export const deleteNotices = () => call("DELETE", "/api/v1/notices");
export const mediaUrl = (key) => `${root}/api/v1/recordings/${id(key)}/media`;
export const contentUrl = (artifact) => `${root}/api/v1/artifacts/${id(artifact.id)}/content`;

// -> { done: a promise of the recording, abort() }. `onProgress(sent, total)` in bytes.
export function upload(fields, onProgress) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  let request = null;
  let aborted = false;
  const transfer = () =>
    new Promise((resolve, reject) => {
      if (aborted) return reject(new DOMException("Cancelled", "AbortError"));
      request = new XMLHttpRequest();
      request.open("POST", `${root}/api/v1/recordings`);
      request.responseType = "json";
      request.setRequestHeader("Accept", "application/json");
      request.upload.onprogress = (event) => onProgress(event.loaded, event.total);
      request.onload = () =>
        request.status < 300 ? resolve(request.response) : reject(new ApiError(request.status, request.response ?? {}));
      request.onerror = () => reject(new Offline());
      request.onabort = () => reject(new DOMException("Cancelled", "AbortError"));
      request.send(form);
    });
  return {
    done: me().then(() => signedIn(transfer)), // who is signed out learns it before a gigabyte has gone over the wire
    abort() {
      aborted = true;
      request?.abort();
    },
  };
}
