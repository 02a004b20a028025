// Numbers, sizes and times as text. Every view uses these functions.

import { locale } from "./i18n.js";

const SIZE_UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

// (1, "slide") -> "1 slide", (1200, "slide") -> "1,200 slides"
export function formatCount(count, noun) {
  return `${count.toLocaleString(locale)} ${noun}${count === 1 ? "" : "s"}`;
}

// Powers of 1024, as in the limits of the settings: 10737418240 -> "10 GiB"
export function formatSize(sizeBytes) {
  let value = sizeBytes;
  let power = 0;
  while (value >= 1023.5 && power < SIZE_UNITS.length - 1) {
    value /= 1024;
    power += 1;
  }
  const digits = power > 0 && value < 9.95 && !Number.isInteger(value) ? 1 : 0;
  return `${value.toFixed(digits)} ${sizeBytes === 1 ? "byte" : SIZE_UNITS[power]}`;
}

// 75 -> "1:15", 3675 -> "1:01:15"
export function formatDuration(durationS) {
  const total = Math.max(0, Math.round(durationS));
  const [hours, minutes, seconds] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60];
  const pad = (number) => String(number).padStart(2, "0");
  return hours ? `${hours}:${pad(minutes)}:${pad(seconds)}` : `${minutes}:${pad(seconds)}`;
}

// 65 -> "about 1 min left", null -> ""
export function formatTimeLeft(leftS) {
  if (leftS === null || leftS === undefined) return "";
  if (leftS < 10) return "a few seconds left";
  if (leftS < 60) return `about ${Math.ceil(leftS / 10) * 10} s left`;
  const minutes = Math.round(leftS / 60);
  if (minutes < 60) return `about ${minutes} min left`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

// ISO 8601 -> "5 Nov", with the year where it is not the current one
export function formatDate(iso) {
  if (!iso) return "";
  const date = new Date(iso);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString(locale, { day: "numeric", month: "short", year });
}

// ISO 8601 -> "5 Nov 2026, 14:03:07", null -> "never"
export function formatDateTime(iso) {
  if (!iso) return "never";
  return new Date(iso).toLocaleString(locale, { dateStyle: "medium", timeStyle: "medium", hourCycle: "h23" });
}
