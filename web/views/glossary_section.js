// A glossary: terms, and how speech recognition mishears them.

import { t } from "../i18n.js";
import { button, field, h } from "./dom.js";
import { actionForm, loadedSection } from "./forms.js";

// `load()` returns a promise of terms; `add({ term, misheard })` and `remove(term)` are absent where nothing may be changed.
export function glossarySection({ hint, load, add, remove }) {
  const section = loadedSection({ id: "glossary", title: t("Glossary"), hint, load: show });

  async function show() {
    const terms = await load();
    const list = terms.length ? h("ul", { class: "rows" }, terms.map(row)) : h("p", { class: "hint" }, t("The glossary is empty."));
    return [list, add && h("details", { class: "advanced" }, h("summary", {}, t("Add a term")), termForm())];
  }

  function row(each) {
    const text = h("div", { class: "row-text" }, h("p", { class: "strong" }, each.term), each.misheard.length > 0 && h("p", { class: "meta" }, each.misheard.join(", ")));
    return h("li", {}, text, remove && button(t("Delete"), { variant: "quiet", "aria-label": t("Delete {term}", { term: each.term }), on: { click: () => removeTerm(each) } }));
  }

  function termForm() {
    return actionForm({
      label: t("Add a term"),
      fields: [
        field(t("Term"), h("input", { name: "term", required: true, maxlength: 100, autocomplete: "off" })),
        field(t("Misheard as"), h("input", { name: "misheard", maxlength: 2000, autocomplete: "off" }), t("Several, separated by commas.")),
      ],
      submitLabel: t("Add"),
      variant: "primary",
      async submit({ term, misheard }) {
        await add({ term, misheard: misheard.split(",").map((each) => each.trim()).filter(Boolean) });
        await section.reload(t("The term was added."));
        return "";
      },
    });
  }

  async function removeTerm(each) {
    try {
      await remove(each);
      await section.reload(t("The term was deleted."));
    } catch (error) {
      section.showError(error);
    }
  }

  return section.node;
}
