// A project: its script, its video and how far that is, its members and assets.

import { accountUrl } from "../../account_url.js";
import { call, cancelJob, watchUrl } from "../../api.js";
import { basePath } from "../../base_path.js";
import { formatTimeLeft } from "../../format.js";
import { t } from "../../i18n.js";
import * as api from "../../projects_api.js";
import { askFor, formDialog } from "../dialogs.js";
import { announce, button, errorNote, h, icon, replaceContent } from "../dom.js";
import { priceNote } from "../price_note.js";
import { publishDialog } from "../publish_dialog.js";
import { assetsSection } from "./assets_section.js";
import { projectGlossarySection } from "./glossary.js";
import { membersSection } from "./members_section.js";
import { projectFields, statusTag } from "./project_fields.js";
import { pickScript } from "./script_picker.js";

const POLL_MS = 2000; // members of a project do not get the events of its jobs, which belong to whoever started them

export function projectPage({ parameter: id, user, events }) {
  const backLink = h("a", { class: "back", href: `${basePath}/projects` }, icon("back"), h("span", {}, t("All projects")));
  const title = h("h1", { tabindex: -1 }, "\u00a0");
  const about = h("p", { class: "course-about" });
  const tools = h("div", { class: "row" });
  const messages = h("div", { class: "messages" });
  const video = h("section", { class: "card stack", "aria-labelledby": "video-title" });
  const script = h("section", { class: "card stack", "aria-labelledby": "script-title" });
  const sections = h("div", { class: "project-sections" });
  const node = h("div", { class: "course project" }, backLink, h("div", { class: "course-head" }, title, about, tools), messages, video, script, sections);
  let project = null;
  let assets = null;
  let timer = 0;

  const canEdit = () => project.role !== "viewer" && !project.archived_at;

  async function run(change, message = "") {
    clearTimeout(timer);
    try {
      const before = project?.status;
      project = await change();
      replaceContent(messages);
      show();
      if (before === "processing" && project.status === "completed") assets.reload();
      if (message) announce(message);
    } catch (error) {
      if (error.status === 404 && !project) showNotFound();
      else if (error.status !== 401) showProblem(error);
    }
    if (project?.status === "processing") timer = setTimeout(() => run(() => api.getProject(id)), POLL_MS);
  }

  function showProblem(error) {
    const link = error.code === "insufficient_credits" && h("p", {}, h("a", { href: accountUrl("plan") }, t("Plan and credits")));
    replaceContent(messages, errorNote(error), link);
  }

  function show() {
    document.title = `${project.name} · Lectern`;
    title.textContent = project.name;
    about.textContent = project.description;
    about.hidden = !project.description;
    showTools();
    showVideo();
    showScript();
    if (assets) return;
    assets = assetsSection(project, user, canEdit());
    replaceContent(sections, assets.node, membersSection(project, user, showVideo), projectGlossarySection(project, canEdit()));
  }

  function showTools() {
    const isOwner = project.role === "owner";
    const exportLink = h("a", { class: "button quiet", href: `${basePath}/api/v1/projects/${encodeURIComponent(id)}/export`, download: "" }, icon("download"), h("span", {}, t("Export")));
    replaceContent(
      tools,
      canEdit() && button(t("Edit"), { iconName: "edit", variant: "quiet", on: { click: editProject } }),
      project.role !== "viewer" && exportLink,
      isOwner && !project.archived_at && button(t("Archive"), { variant: "quiet", on: { click: () => change(() => api.archiveProject(id)) } }),
      isOwner && project.archived_at && button(t("Restore"), { iconName: "retry", variant: "quiet", on: { click: () => change(() => api.restoreProject(id)) } }),
      isOwner && button(t("Delete"), { iconName: "delete", variant: "quiet", on: { click: deleteProject } }),
    );
  }

  function showVideo() {
    const make = canEdit() && project.script_id && button(project.video_url ? t("Make it again") : t("Make the video"), { iconName: "play", variant: "primary", on: { click: makeVideo } });
    const player = project.video_url && h("video", { class: "project-video", controls: true, preload: "none", src: project.video_url, poster: project.thumbnail_url ?? "" });
    const head = h("div", { class: "row between" }, h("h2", { id: "video-title" }, t("Video")), statusTag(project));
    if (project.status === "processing") {
      const progress = h("progress", { max: 100, value: project.progress || false, "aria-label": t("Progress of the video") });
      const cancel = canEdit() && button(t("Cancel"), { iconName: "close", variant: "quiet", on: { click: () => run(() => cancelJob(project.job_id).then(() => api.getProject(id))) } });
      const timeLeft = h("p", { class: "meta" });
      call("GET", `/api/v1/jobs/${encodeURIComponent(project.job_id)}/status`).then((job) => (timeLeft.textContent = formatTimeLeft(job.estimatedTimeRemaining)), () => {});
      return replaceContent(video, head, progress, timeLeft, h("div", { class: "row" }, cancel));
    }
    const watch = project.recording_id && project.role === "owner" && h("a", { class: "button", href: watchUrl(project.recording_id) }, icon("play"), h("span", {}, t("Watch")));
    const hint = !project.script_id && h("p", { class: "hint" }, t("Write a script first: the video is made of it."));
    const publish = project.recording_id && project.role === "owner" && button(t("Publish on YouTube"), { iconName: "upload", on: { click: () => publishDialog({ id: project.recording_id }, events) } });
    const price = make && priceNote({ kind: "video_generation", project_id: id });
    replaceContent(video, head, player, project.error_message && errorNote({ message: project.error_message }), hint, price, h("div", { class: "row" }, make, watch, publish));
  }

  function showScript() {
    const scenes = project.script_id && project.role !== "viewer" && h("a", { class: "button quiet", href: `${basePath}/lessons/${encodeURIComponent(project.script_id)}` }, icon("edit"), h("span", {}, t("Edit the scenes")));
    const text = project.script ? h("p", { class: "course-about" }, project.script) : h("p", { class: "hint" }, t("There is no script yet."));
    const choose = canEdit() && button(project.script_id ? t("Take another script") : t("Take a script of yours"), { iconName: "list", variant: "quiet", on: { click: chooseScript } });
    replaceContent(script, h("div", { class: "row between" }, h("h2", { id: "script-title" }, t("Script")), h("div", { class: "row" }, choose, scenes)), text);
  }

  async function chooseScript() {
    const scriptId = await pickScript();
    if (!scriptId) return;
    await run(() => api.addAsset(id, { script_id: scriptId, is_main: true }).then(() => api.getProject(id)), t("The video is made of this script now."));
    assets.reload();
  }

  function editProject() {
    const fields = projectFields(project);
    formDialog(t("Edit the project"), {
      fields: fields.nodes,
      submitLabel: t("Save"),
      draft: `project.${id}`,
      async submit() {
        project = await api.editProject(id, fields.values());
        show();
        assets.reload();
      },
    });
  }

  const makeVideo = () => run(() => api.renderProject(id).then(() => api.getProject(id)), t("The video is being made"));

  // The rights of every part depend on whether the project is in the archive.
  async function change(request) {
    assets = null;
    await run(request);
  }

  async function deleteProject() {
    if (!(await askFor(t("Delete this project?"), t("Delete"), { variant: "danger", text: t("Its recordings, scripts and files stay.") }))) return;
    try {
      await api.deleteProject(id);
      location.assign(`${basePath}/projects`);
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  function showNotFound() {
    const text = h("p", {}, t("This project does not exist, or it is not shared with you."));
    replaceContent(node, backLink, h("section", { class: "card narrow", role: "alert" }, h("h1", {}, t("Not found")), text));
  }

  run(() => api.getProject(id));
  return { node, destroy: () => clearTimeout(timer) };
}
