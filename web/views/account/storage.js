// What the user's storage is used for, and for how long recordings are kept.

import { call } from "../../api.js";
import { formatSize } from "../../format.js";
import { t, tn } from "../../i18n.js";
import { h } from "../dom.js";
import { loadedSection } from "../forms.js";

export function storageSection() {
  const section = loadedSection({ id: "storage", title: t("Storage"), load });

  async function load() {
    const use = await call("GET", "/api/v1/users/me/storage");
    const usage = t("{used} of {quota} used", { used: formatSize(use.used_bytes), quota: formatSize(use.quota_bytes) });
    const bar = h("progress", { max: Math.max(use.quota_bytes, 1), value: use.used_bytes, "aria-label": t("Storage") });
    const parts = [
      [t("Recordings"), use.recording_bytes],
      [t("Streams for players"), use.stream_bytes],
      [t("Documents"), use.document_bytes],
      [t("Pictures and other files"), use.file_bytes],
    ];
    const rows = parts.filter(([, size]) => size).map(([label, size]) => h("tr", {}, h("th", { scope: "row" }, label), h("td", {}, formatSize(size))));
    const trash = use.trash_bytes > 0 && t("{size} of the recordings are in the trash.", { size: formatSize(use.trash_bytes) });
    const retention = use.retention_days === null ? t("Recordings are kept until you delete them.") : tn("Recordings are moved to the trash after {count} day.", "Recordings are moved to the trash after {count} days.", use.retention_days);
    const trashPeriod = tn("They can be restored from there for {count} day.", "They can be restored from there for {count} days.", use.trash_days);
    return [h("p", {}, usage), bar, rows.length > 0 && h("table", { class: "table" }, h("tbody", {}, rows)), h("p", { class: "hint" }, [trash, retention, use.retention_days !== null && use.trash_days > 0 && trashPeriod].filter(Boolean).join(" "))];
  }

  return section.node;
}
