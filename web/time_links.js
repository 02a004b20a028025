// Addresses that lead to a moment or a slide of a recording: ?t=95, #t=1:35, ?slide=3, #slide=3.

// "95", "1:35", "1:02:03" or "1h2m3s" -> seconds, or null.
export function parseTime(text) {
  const units = text.match(/^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/);
  if (text && units && /[hms]/.test(text)) return Number(units[1] ?? 0) * 3600 + Number(units[2] ?? 0) * 60 + Number(units[3] ?? 0);
  if (!/^\d+(:\d+){0,2}(\.\d+)?$/.test(text)) return null;
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

// Return { timeS, slide }; each is null if the address does not name it. The hash comes before the query.
export function parseMoment({ hash, search }) {
  const fromHash = new URLSearchParams(hash.slice(1));
  const fromQuery = new URLSearchParams(search);
  const value = (name) => fromHash.get(name) ?? fromQuery.get(name) ?? "";
  const slide = /^\d{1,5}$/.test(value("slide")) ? Number(value("slide")) : null;
  return { timeS: parseTime(value("t").split(",")[0]), slide };
}
