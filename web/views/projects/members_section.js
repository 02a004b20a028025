// The people of a project. Its owner adds and removes members; a member may leave.

import { call } from "../../api.js";
import { basePath } from "../../base_path.js";
import { t } from "../../i18n.js";
import * as api from "../../projects_api.js";
import { askFor } from "../dialogs.js";
import { button, field, h } from "../dom.js";
import { actionForm, loadedSection } from "../forms.js";
import { ROLE_LABELS } from "./project_fields.js";

// `onPayer()` is called after another member has begun to pay.
export function membersSection(project, user, onPayer) {
  const isOwner = project.role === "owner";
  const section = loadedSection({ id: "members", title: t("Members"), load });
  let hasCredits = false;

  async function load() {
    const [members, prices] = await Promise.all([api.listMembers(project.id), call("GET", "/api/v1/credits/prices")]);
    hasCredits = prices.enabled;
    const list = h("ul", { class: "rows" }, members.map(row));
    return isOwner ? [list, h("details", { class: "advanced" }, h("summary", {}, t("Invite a member")), memberForm())] : [list];
  }

  function row(member) {
    const isSelf = member.user_id === user.id;
    const name = member.name || member.email || t("A member without a name");
    const details = [member.name && member.email, ROLE_LABELS[member.role], hasCredits && member.is_payer ? t("pays for the jobs") : "", member.is_invited ? t("invited") : ""].filter(Boolean).join(" · ");
    const canGo = member.role !== "owner" && (isOwner || isSelf);
    const label = isSelf ? t("Leave the project") : t("Remove");
    const remove = canGo && button(label, { variant: "quiet", "aria-label": isSelf ? label : t("Remove {name}", { name }), on: { click: () => removeMember(member, isSelf) } });
    return h("li", {}, h("div", { class: "row-text" }, h("p", { class: "strong" }, name), h("p", { class: "meta" }, details)), payment(member, isSelf), remove);
  }

  // An editor may offer to pay; the owner and the payer may end that.
  function payment(member, isSelf) {
    if (!hasCredits) return null;
    if (isSelf && project.role === "editor" && !member.is_payer) return button(t("Pay for the jobs"), { variant: "quiet", on: { click: () => changePayer("PUT", t("You pay for the jobs of this project now.")) } });
    if (member.is_payer && member.role !== "owner" && (isSelf || isOwner)) return button(isSelf ? t("Stop paying") : t("Pay myself"), { variant: "quiet", on: { click: () => changePayer("DELETE", t("The owner pays for the jobs now.")) } });
    return null;
  }

  async function changePayer(method, message) {
    try {
      await call(method, `/api/v1/projects/${encodeURIComponent(project.id)}/payer`);
      await section.reload(message);
      onPayer();
    } catch (error) {
      section.showError(error);
    }
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
