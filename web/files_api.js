// Uploads of pictures, documents and recordings that belong to something else: a project, a lesson.

import { call } from "./api.js";

// Return a promise of { file_id } for a picture or a document, else of { recording_id }.
export async function uploadFile(file) {
  const form = new FormData();
  form.append("file", file);
  const { file_id, recording_id } = await call("POST", "/api/v1/upload", form);
  return file_id ? { file_id } : { recording_id };
}
