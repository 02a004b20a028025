// Numbers, sizes and times as text. Every view uses these functions.

import { locale, t, tn } from "./i18n.js";

const SIZE_UNITS = ["", "KiB", "MiB", "GiB", "TiB"];

// Powers of 1024, as in the limits of the settings: 10737418240 -> "10 GiB"
export function formatSize(sizeBytes) {
  let value = sizeBytes;
  let power = 0;
  while (value >= 1023.5 && power < SIZE_UNITS.length - 1) {
    value /= 1024;
    power += 1;
  }
  const digits = power > 0 && value < 9.95 && !Number.isInteger(value) ? 1 : 0;
  const number = value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits, useGrouping: false });
  return power ? `${number} ${SIZE_UNITS[power]}` : tn("{count} byte", "{count} bytes", sizeBytes);
}

// As in a field that `parseSize` reads: 10737418240 -> "10 GiB", 1000 -> "1000"
export function editableSize(sizeBytes) {
  const power = SIZE_UNITS.findLastIndex((_, each) => Number(sizeBytes) >= 1024 ** each && Number(sizeBytes) % 1024 ** each === 0);
  return power > 0 ? `${sizeBytes / 1024 ** power} ${SIZE_UNITS[power]}` : String(sizeBytes);
}

// "1.5 GiB", "1,5 gib" or "1610612736" -> "1610612736", "2 GB" -> "2000000000"; null for other texts.
export function parseSize(text) {
  const [, number, prefix, binary] = text.trim().match(/^(\d+(?:[.,]\d+)?)\s*(?:([KMGT])(i?)B)?$/i) ?? [];
  if (!number || (!prefix && !/^\d+$/.test(number))) return null;
  const power = prefix ? "KMGT".indexOf(prefix.toUpperCase()) + 1 : 0;
  return String(Math.round(Number(number.replace(",", ".")) * (binary ? 1024 : 1000) ** power));
}

// The second that a time is in, at the millisecond to which subtitles round it. lib/media_time.py follows the same rule.
export const wholeSeconds = (timeS) => Math.max(0, Math.floor(Math.floor(timeS * 1000 + 0.5) / 1000));

// 75 -> "1:15", 3675 -> "1:01:15"
export function formatDuration(durationS) {
  const total = wholeSeconds(durationS);
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const pad = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}

// 65 -> "about a minute left", null -> ""; without `isDuration` for a time that passes, with it for one that lies ahead: "about a minute"
export function formatTimeLeft(leftS, { isDuration = false } = {}) {
  if (leftS === null || leftS === undefined) return "";
  const minutes = Math.round(leftS / 60);
  const [hours, rest] = [Math.floor(minutes / 60), minutes % 60];
  if (isDuration) {
    if (leftS < 45) return t("less than a minute");
    if (minutes < 2) return t("about a minute");
    return hours ? t("about {hours} h {minutes} min", { hours, minutes: rest }) : t("about {minutes} min", { minutes });
  }
  if (leftS < 10) return t("a few seconds left");
  if (leftS < 45) return t("about {seconds} s left", { seconds: Math.ceil(leftS / 10) * 10 });
  if (minutes < 2) return t("about a minute left");
  return hours ? t("about {hours} h {minutes} min left", { hours, minutes: rest }) : t("about {minutes} min left", { minutes });
}

// 42 -> "42 s", 75 -> "1 min 15 s", 3700 -> "1 h 2 min"
export function formatLength(durationS) {
  const total = Math.round(durationS);
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  if (hours) return t("{hours} h {minutes} min", { hours, minutes });
  return minutes ? t("{minutes} min {seconds} s", { minutes, seconds }) : t("{seconds} s", { seconds });
}

// ISO 8601 -> "5 Nov", with the year where it is not the current one
export function formatDate(iso) {
  if (!iso) return "";
  const date = new Date(iso);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString(locale, { day: "numeric", month: "short", year });
}

// "2026-11" -> "November 2026"
export function formatMonth(month) {
  return new Date(`${month}-01T00:00:00Z`).toLocaleDateString(locale, { month: "long", year: "numeric", timeZone: "UTC" });
}

// ISO 8601 -> "5 Nov 2026, 14:03:07", null -> "never"
export function formatDateTime(iso) {
  if (!iso) return t("never");
  return new Date(iso).toLocaleString(locale, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
}
