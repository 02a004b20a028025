// The projects that the user owns or shares, and those in the archive.

import { formatDate } from "../../format.js";
import { t } from "../../i18n.js";
import * as api from "../../projects_api.js";
import { formDialog } from "../dialogs.js";
import { announce, button, errorNote, h, replaceContent } from "../dom.js";
import { tabs } from "../tabs.js";
import { projectFields, projectUrl, ROLE_LABELS, ROLE_RIGHTS, statusTag } from "./project_fields.js";

export function projectsPage() {
  const current = projectList(false, t("You have no projects yet. A project turns a text into a video, alone or together with others."));
  const archived = projectList(true, t("The archive is empty."));
  const scopes = tabs(t("Projects"), {
    current: { label: t("Projects"), node: current.node, show: current.load },
    archived: { label: t("Archive"), node: archived.node, show: archived.load },
  });
  const invitations = invitationList(current.load);
  const create = button(t("New project"), { iconName: "add", variant: "primary", on: { click: createProject } });

  function createProject() {
    const fields = projectFields();
    formDialog(t("New project"), {
      fields: fields.nodes,
      submitLabel: t("Create"),
      draft: "new-project",
      async submit() {
        const project = await api.createProject(fields.values());
        location.assign(projectUrl(project.id));
      },
    });
  }

  return { node: h("div", { class: "courses" }, h("div", { class: "row between page-head" }, h("h1", {}, t("Projects")), create), invitations, scopes.node, current.node, archived.node) };
}

// The invitations to projects of others, which are accepted or declined here. Hidden if there are none.
function invitationList(onAccepted) {
  const rows = h("ul", { class: "rows" });
  const messages = h("div", { class: "messages" });
  const node = h("section", { class: "card stack invitations", "aria-labelledby": "invitations-title", hidden: true }, h("h2", { id: "invitations-title" }, t("Invitations")), messages, rows);

  function row(invitation) {
    const text = t("{name} invites you as: {role}", { name: invitation.owner_name, role: ROLE_LABELS[invitation.role] });
    const accept = () => answer(api.acceptInvitation, invitation, t("You are a member of the project now."));
    const decline = () => answer(api.declineInvitation, invitation, t("The invitation was declined."));
    return h("li", {},
      h("div", { class: "row-text" }, h("p", { class: "strong" }, invitation.project_name), h("p", { class: "meta" }, text), h("p", { class: "hint" }, ROLE_RIGHTS[invitation.role])),
      button(t("Accept"), { variant: "primary", "aria-label": t("Accept {name}", { name: invitation.project_name }), on: { click: accept } }),
      button(t("Decline"), { variant: "quiet", "aria-label": t("Decline {name}", { name: invitation.project_name }), on: { click: decline } }));
  }

  async function answer(send, invitation, message) {
    try {
      await send(invitation.project_id);
      announce(message);
      await Promise.all([load(), onAccepted()]);
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  async function load() {
    const invitations = await api.listInvitations();
    replaceContent(rows, invitations.map(row));
    replaceContent(messages);
    node.hidden = !invitations.length;
  }

  load().catch(() => {}); // the list of projects shows errors of the connection
  return node;
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
