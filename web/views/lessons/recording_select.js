// A list of the user's recordings to choose one of.

import { listRecordings } from "../../api.js";
import { t } from "../../i18n.js";
import { h, replaceContent } from "../dom.js";

// `chosen`: an id, or "" for none, which `emptyLabel` describes. `isRequired`: one must be chosen.
export function recordingSelect(chosen, emptyLabel, { isRequired = false } = {}) {
  const option = (value, label) => h("option", { value }, label);
  const select = h("select", { required: isRequired }, (!chosen || !isRequired) && option("", emptyLabel), chosen && option(chosen, t("The chosen recording")));
  select.value = chosen;
  listRecordings(1, 100, { state: "succeeded" }).then(
    ({ recordings }) => {
      const current = select.value;
      const isListed = recordings.some((each) => each.id === current);
      replaceContent(
        select,
        (!current || !isRequired) && option("", emptyLabel),
        recordings.map((each) => option(each.id, each.title)),
        current && !isListed && option(current, t("The chosen recording")),
      );
      select.value = current;
    },
    () => {}, // the chosen one stays
  );
  return select;
}
