// What belongs to a project: recordings, videos, scripts, pictures and documents.

import { watchUrl } from "../../api.js";
import { basePath } from "../../base_path.js";
import { uploadFile } from "../../files_api.js";
import { formatDateTime } from "../../format.js";
import { t } from "../../i18n.js";
import * as api from "../../projects_api.js";
import { pickRecordings } from "../courses/recording_picker.js";
import { button, h } from "../dom.js";
import { loadedSection } from "../forms.js";
import { pickScript } from "./script_picker.js";

const TYPE_LABELS = { recording: t("Recording"), lesson: t("Video"), script: t("Script"), image: t("Picture"), document: t("Document") };

export function assetsSection(project, user, canEdit) {
  const section = loadedSection({ id: "assets", title: t("Assets"), hint: t("Members see what is here, private recordings too."), load });
  const chooser = h("input", { type: "file", hidden: true, "aria-label": t("File") });
  chooser.addEventListener("change", () => chooser.files[0] && run(() => uploadAndAdd(chooser.files[0]), t("The file was added.")));
  let recordingIds = new Set();

  async function load() {
    const assets = await api.listAssets(project.id);
    recordingIds = new Set(assets.map((asset) => asset.recording_id).filter(Boolean));
    const list = assets.length ? h("ul", { class: "rows" }, assets.map(row)) : h("p", { class: "hint" }, t("There is nothing here yet."));
    const pick = button(t("Add recordings"), { iconName: "add", on: { click: addRecordings } });
    const script = button(t("Add a script"), { iconName: "add", on: { click: addScript } });
    const upload = button(t("Upload a file"), { iconName: "add", on: { click: () => chooser.click() } });
    return [list, canEdit && h("div", { class: "row" }, pick, script, upload, chooser)];
  }

  function row(asset) {
    // Recordings of others can be played, but their pages are for their owners.
    const isOwn = asset.added_by === user.id || (asset.type === "lesson" && project.role === "owner");
    const link = asset.recording_id && isOwn ? watchUrl(asset.recording_id) : asset.script_id ? `${basePath}/lessons/${encodeURIComponent(asset.script_id)}` : asset.url;
    const details = [TYPE_LABELS[asset.type], asset.is_main ? t("the video is made of it") : asset.type === "lesson" && formatDateTime(asset.created_at)].filter(Boolean).join(" · ");
    const remove = canEdit && button(t("Remove"), { variant: "quiet", "aria-label": t("Remove {name}", { name: asset.title }), on: { click: () => run(() => api.removeAsset(project.id, asset.id), t("It was removed from the project.")) } });
    return h("li", {}, h("div", { class: "row-text" }, h("p", { class: "strong" }, h("a", { href: link }, asset.title)), h("p", { class: "meta" }, details)), remove);
  }

  async function run(change, message) {
    try {
      await change();
      await section.reload(message);
    } catch (error) {
      section.showError(error);
    }
  }

  const uploadAndAdd = async (file) => api.addAsset(project.id, await uploadFile(file));

  async function addRecordings() {
    const newIds = await pickRecordings(recordingIds);
    if (!newIds.length) return;
    await run(async () => {
      for (const id of newIds) await api.addAsset(project.id, { recording_id: id });
    }, t("The recordings were added."));
  }

  async function addScript() {
    const scriptId = await pickScript();
    if (scriptId) await run(() => api.addAsset(project.id, { script_id: scriptId }), t("The script was added."));
  }

  return { node: section.node, reload: section.reload };
}
