// The glossary of a project, which applies to its recordings and to the voice of its videos.

import { t } from "../../i18n.js";
import * as api from "../../projects_api.js";
import { glossarySection } from "../glossary_section.js";

export function projectGlossarySection(project, canEdit) {
  const load = () => api.getProject(project.id).then((current) => current.glossary);
  const change = async (edit) => api.editProject(project.id, { glossary: edit(await load()) });
  return glossarySection({
    hint: t("Proofreading of this project's recordings corrects what speech recognition mishears to these terms."),
    load,
    add: canEdit && ((term) => change((terms) => [...terms.filter((each) => each.term !== term.term), term])),
    remove: canEdit && (({ term }) => change((terms) => terms.filter((each) => each.term !== term))),
  });
}
