// The glossary of the user.

import { call } from "../../api.js";
import { t } from "../../i18n.js";
import { glossarySection } from "../glossary_section.js";

const PATH = "/api/v1/glossary";

export const ownGlossarySection = () =>
  glossarySection({
    hint: t("Proofreading corrects what speech recognition mishears to these terms. Projects have a glossary of their own for their recordings."),
    load: () => call("GET", PATH).then((payload) => payload.terms),
    add: (term) => call("POST", PATH, term),
    remove: ({ id }) => call("DELETE", `${PATH}/${encodeURIComponent(id)}`),
  });
