// Requests about lessons: their scripts, previews of scenes, voices, and videos.

import { call, callForBlob } from "./api.js";
import { basePath } from "./base_path.js";

const encode = encodeURIComponent;

export const createScripts = (source) => call("POST", "/api/v1/scripts", source);
export const createScriptsOfFile = (form) => call("POST", "/api/v1/scripts/files", form);
export const listScripts = (page, limit) => call("GET", `/api/v1/scripts?page=${page}&limit=${limit}`);
export const getScript = (id) => call("GET", `/api/v1/scripts/${encode(id)}`);
export const replaceScript = (id, script, version) => call("PUT", `/api/v1/scripts/${encode(id)}`, { script, version });
export const deleteScript = (id) => call("DELETE", `/api/v1/scripts/${encode(id)}`);
export const insertScene = (id, scene, position, version) => call("POST", `/api/v1/scripts/${encode(id)}/scenes`, { scene, position, version });
export const replaceScene = (id, scene, version) => call("PUT", `/api/v1/scripts/${encode(id)}/scenes/${encode(scene.id)}`, { scene, version });
export const deleteScene = (id, sceneId, version) => call("DELETE", `/api/v1/scripts/${encode(id)}/scenes/${encode(sceneId)}?version=${version}`);
export const rewriteScene = (id, sceneId, instruction) => call("POST", `/api/v1/scripts/${encode(id)}/scenes/${encode(sceneId)}/rewrite`, { instruction });
export const reorderScenes = (id, sceneIds, version) => call("POST", `/api/v1/scripts/${encode(id)}/order`, { scene_ids: sceneIds, version });
export const listVersions = (id) => call("GET", `/api/v1/scripts/${encode(id)}/versions`).then((payload) => payload.versions);
export const restoreVersion = (id, number, version) => call("POST", `/api/v1/scripts/${encode(id)}/versions/${number}/restore`, { version });
export const estimateLesson = (id, speed) => call("GET", `/api/v1/scripts/${encode(id)}/estimate?speed=${speed}`);
export const renderScript = (id, options) => call("POST", `/api/v1/scripts/${encode(id)}/render`, options);
export const listRenders = (id) => call("GET", `/api/v1/scripts/${encode(id)}/renders`);
export const listVoices = (language) => call("GET", `/api/v1/lessons/voices?language=${encode(language)}`).then((payload) => payload.voices);
export const listThemes = () => call("GET", "/api/v1/lessons/themes").then((payload) => payload.themes);
export const getWriters = () => call("GET", "/api/v1/lessons/writers");
export const deckUrl = (id, theme) => `${basePath}/api/v1/scripts/${encode(id)}/deck.pptx?theme=${encode(theme)}`;
export const previewScene = (scene, language, options) => callForBlob("POST", "/api/v1/lessons/previews", { scene, language, options });
