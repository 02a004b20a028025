// Requests about courses.

import { call } from "./api.js";

const encode = encodeURIComponent;

export const listCourses = (scope, page, limit) => call("GET", `/api/v1/courses?${new URLSearchParams({ scope, page, limit })}`);
export const createCourse = (fields) => call("POST", "/api/v1/courses", fields);
export const getCourse = (id) => call("GET", `/api/v1/courses/${encode(id)}`);
export const editCourse = (id, changes) => call("PATCH", `/api/v1/courses/${encode(id)}`, changes);
export const setCourseRecordings = (id, recordingIds) => call("PUT", `/api/v1/courses/${encode(id)}/recordings`, { recording_ids: recordingIds });
export const deleteCourse = (id) => call("DELETE", `/api/v1/courses/${encode(id)}`);
