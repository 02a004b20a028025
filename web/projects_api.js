// Requests about projects.

import { call } from "./api.js";

const encode = encodeURIComponent;

export const listProjects = (scope, isArchived) => call("GET", `/api/v1/projects?${new URLSearchParams({ scope, archived: isArchived, limit: 200 })}`);
export const createProject = (fields) => call("POST", "/api/v1/projects", fields);
export const getProject = (id) => call("GET", `/api/v1/projects/${encode(id)}`);
export const editProject = (id, changes) => call("PUT", `/api/v1/projects/${encode(id)}`, changes);
export const deleteProject = (id) => call("DELETE", `/api/v1/projects/${encode(id)}`);
export const archiveProject = (id) => call("POST", `/api/v1/projects/${encode(id)}/archive`);
export const restoreProject = (id) => call("POST", `/api/v1/projects/${encode(id)}/restore`);
export const renderProject = (id) => call("POST", `/api/v1/projects/${encode(id)}/render`, {});
export const listMembers = (id) => call("GET", `/api/v1/projects/${encode(id)}/members`).then((payload) => payload.members);
export const addMember = (id, email, role) => call("POST", `/api/v1/projects/${encode(id)}/members`, { email, role });
export const removeMember = (id, userId) => call("DELETE", `/api/v1/projects/${encode(id)}/members/${encode(userId)}`);
export const listInvitations = () => call("GET", "/api/v1/projects/invitations").then((payload) => payload.invitations);
export const acceptInvitation = (id) => call("POST", `/api/v1/projects/${encode(id)}/invitation/accept`);
export const declineInvitation = (id) => call("POST", `/api/v1/projects/${encode(id)}/invitation/decline`);
export const listAssets = (id) => call("GET", `/api/v1/projects/${encode(id)}/assets`).then((payload) => payload.assets);
export const addAsset = (id, asset) => call("POST", `/api/v1/projects/${encode(id)}/assets`, asset);
export const removeAsset = (id, assetId) => call("DELETE", `/api/v1/projects/${encode(id)}/assets/${encode(assetId)}`);
