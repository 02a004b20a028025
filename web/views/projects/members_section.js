// The people of a project. Its owner adds and removes members; a member may leave.

import { basePath } from "../../base_path.js";
import { t } from "../../i18n.js";
import * as api from "../../projects_api.js";
import { askFor } from "../dialogs.js";
import { button, field, h } from "../dom.js";
import { actionForm, loadedSection } from "../forms.js";
import { ROLE_LABELS } from "./project_fields.js";

export function membersSection(project, user) {
  const isOwner = project.role === "owner";
  const section = loadedSection({ id: "members", title: t("Members"), load });

  async function load() {
    const members = await api.listMembers(project.id);
    const list = h("ul", { class: "rows" }, members.map(row));
    return isOwner ? [list, h("details", { class: "advanced" }, h("summary", {}, t("Invite a member")), memberForm())] : [list];
  }

  function row(member) {
    const isSelf = member.user_id === user.id;
    const details = [member.email, ROLE_LABELS[member.role], member.is_payer ? t("pays for the jobs") : "", member.is_invited ? t("invited") : ""].filter(Boolean).join(" · ");
    const canGo = member.role !== "owner" && (isOwner || isSelf);
    const label = isSelf ? t("Leave the project") : t("Remove");
    const remove = canGo && button(label, { variant: "quiet", "aria-label": isSelf ? label : t("Remove {name}", { name: member.name || member.email }), on: { click: () => removeMember(member, isSelf) } });
    return h("li", {}, h("div", { class: "row-text" }, h("p", { class: "strong" }, member.name || member.email), h("p", { class: "meta" }, details)), remove);
  }

  function memberForm() {
    const role = h("select", { name: "role" }, h("option", { value: "viewer" }, t("Viewer")), h("option", { value: "editor" }, t("Editor")));
    return actionForm({
      label: t("Invite a member"),
      fields: [
        field(t("E-mail address"), h("input", { name: "email", type: "email", required: true, maxlength: 254, autocomplete: "off" }), t("Of a person with an account on this server.")),
        field(t("Role"), role, t("Viewers watch; editors also change the script and make the video.")),
      ],
      submitLabel: t("Invite"),
      draft: `members.${project.id}`,
      variant: "primary",
      async submit(values) {
        await api.addMember(project.id, values.email, values.role);
        await section.reload(t("The invitation was sent."));
        return "";
      },
    });
  }

  async function removeMember(member, isSelf) {
    const question = isSelf ? t("Leave this project?") : t("Remove {name}?", { name: member.name || member.email });
    if (!(await askFor(question, isSelf ? t("Leave the project") : t("Remove"), { variant: "danger" }))) return;
    try {
      await api.removeMember(project.id, member.user_id);
      if (isSelf) location.assign(`${basePath}/projects`);
      else await section.reload(t("The member was removed."));
    } catch (error) {
      section.showError(error);
    }
  }

  return section.node;
}
