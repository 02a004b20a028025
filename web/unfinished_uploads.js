// The uploads that have begun in this browser and have not ended, so that one can be continued after a reload of the page.

const KEY = "lectern.uploads";

const read = () => JSON.parse(localStorage.getItem(KEY) ?? "[]");
const write = (uploads) => localStorage.setItem(KEY, JSON.stringify(uploads));

// `upload`: { path, userId, name, size, lastModified }
export const rememberUpload = (upload) => write([...read(), upload]);
export const forgetUpload = (path) => write(read().filter((each) => each.path !== path));

// Return the upload of this file, or undefined.
export const findUpload = (userId, file) => read().find((each) => each.userId === userId && isSameFile(each, file));

export const isSameFile = (upload, { name, size, lastModified }) => upload.name === name && upload.size === size && upload.lastModified === lastModified;

const lockName = (path) => `lectern-upload-${path}`;

// Run `send()`; meanwhile other tabs know that this upload is not interrupted. (Browsers offer locks over HTTPS only.)
export const whileSending = (path, send) => (navigator.locks ? navigator.locks.request(lockName(path), send) : send());

// Return a promise of the user's uploads that no tab is sending.
export async function listInterruptedUploads(userId) {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const sending = new Set(held.map((lock) => lock.name));
  return read().filter((each) => each.userId === userId && !sending.has(lockName(each.path)));
}
