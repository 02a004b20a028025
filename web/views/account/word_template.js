// The Word file whose styles the user's Word documents take over.

import { call } from "../../api.js";
import { basePath } from "../../base_path.js";
import { formatSize } from "../../format.js";
import { t } from "../../i18n.js";
import { button, h } from "../dom.js";
import { loadedSection } from "../forms.js";

const PATH = "/api/v1/reference-document";

export function wordTemplateSection() {
  const hint = t("Your Word documents take over the styles, margins, headers and footers of this file. Text and macros are not kept.");
  const section = loadedSection({ id: "word-template", title: t("Word template"), hint, load });

  async function load() {
    const { document: stored } = await call("GET", PATH);
    const input = h("input", { type: "file", accept: ".docx", hidden: true, on: { change: upload } });
    const choose = button(stored ? t("Replace the template") : t("Choose a template"), { iconName: "upload", on: { click: () => input.click() } });
    const remove = stored && button(t("Delete the template"), { iconName: "delete", variant: "quiet", on: { click: () => change(() => call("DELETE", PATH), t("The template was deleted.")) } });
    const current = stored ? h("p", {}, h("a", { href: stored.url }, stored.filename), ` · ${formatSize(stored.size_bytes)}`) : h("p", {}, t("You have no template. Documents have the default design of this server."));
    const original = h("a", { href: `${basePath}${PATH}/template` }, t("Template of this server, to change in Word"));
    return [current, h("p", {}, original), input, h("div", { class: "row" }, choose, remove)];
  }

  async function upload(event) {
    const [file] = event.target.files;
    event.target.value = "";
    if (!file) return;
    const form = new FormData();
    form.append("file", file);
    await change(() => call("PUT", PATH, form), t("The template was stored. Documents that are written from now on use it."));
  }

  async function change(request, message) {
    try {
      await request();
      await section.reload(message);
    } catch (error) {
      section.showError(error);
    }
  }

  return section.node;
}
