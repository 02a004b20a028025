// The projects that the user owns or shares, and those in the archive.

import { formatDate } from "../../format.js";
import { t } from "../../i18n.js";
import * as api from "../../projects_api.js";
import { formDialog } from "../dialogs.js";
import { button, errorNote, h, replaceContent } from "../dom.js";
import { tabs } from "../tabs.js";
import { projectFields, projectUrl, ROLE_LABELS, statusTag } from "./project_parts.js";

export function projectsPage() {
  const current = projectList(false, t("You have no projects yet. A project turns a text into a video, alone or together with others."));
  const archived = projectList(true, t("The archive is empty."));
  const scopes = tabs(t("Projects"), {
    current: { label: t("Projects"), node: current.node, show: current.load },
    archived: { label: t("Archive"), node: archived.node, show: archived.load },
  });
  const create = button(t("New project"), { iconName: "add", variant: "primary", on: { click: createProject } });

  function createProject() {
    const fields = projectFields();
    formDialog(t("New project"), {
      fields: fields.nodes,
      submitLabel: t("Create"),
      async submit() {
        const project = await api.createProject(fields.values());
        location.assign(projectUrl(project.id));
      },
    });
  }

  return { node: h("div", { class: "courses" }, h("div", { class: "row between page-head" }, h("h1", {}, t("Projects")), create), scopes.node, current.node, archived.node) };
}

function projectList(isArchived, emptyText) {
  const list = h("ul", { class: "course-grid" });
  const messages = h("div", { class: "messages" });

  async function load() {
    try {
      const projects = await api.listProjects("all", isArchived);
      replaceContent(list, projects.map(projectCard));
      replaceContent(messages, !projects.length && h("p", { class: "empty-state" }, emptyText));
    } catch (error) {
      if (error.status !== 401) replaceContent(messages, errorNote(error));
    }
  }

  return { node: h("div", {}, messages, list), load };
}

function projectCard(project) {
  const facts = [project.role === "owner" ? "" : ROLE_LABELS[project.role], formatDate(project.created_at)];
  return h(
    "li",
    { class: "card course-card" },
    project.thumbnail_url && h("img", { class: "project-picture", src: project.thumbnail_url, alt: "", loading: "lazy" }),
    h("h2", {}, h("a", { href: projectUrl(project.id) }, project.name)),
    project.description && h("p", { class: "course-about" }, project.description),
    h("p", { class: "meta" }, facts.filter(Boolean).join(" · ")),
    h("p", {}, statusTag(project)),
  );
}
