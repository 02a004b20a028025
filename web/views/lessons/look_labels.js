// The names of looks of lessons.

import { t } from "../../i18n.js";

export const THEME_LABELS = { paper: t("Paper"), night: t("Night"), ocean: t("Ocean"), contrast: t("High contrast") };
export const ASPECT_LABELS = { "16:9": t("Wide, 16:9"), "9:16": t("Upright, 9:16"), "1:1": t("Square, 1:1") };
export const HEIGHT_LABELS = { 720: "720", 1080: "1080", 1440: "1440", 2160: "2160" };
