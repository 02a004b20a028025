// Numbers and names as people read them.

const plural = (count, one, many = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : many}`;

export function bytes(count) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let size = count;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit && size < 9.95 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}

// 75 -> 1:15, 3675 -> 1:01:15
export function clock(seconds) {
  const whole = Math.max(0, Math.round(seconds));
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const [hours, minutes, rest] = [parts[0], parts[1], String(parts[2]).padStart(2, "0")];
  return hours ? `${hours}:${String(minutes).padStart(2, "0")}:${rest}` : `${minutes}:${rest}`;
}

export function timeLeft(seconds) {
  if (seconds === null || seconds === undefined) return "";
  if (seconds < 10) return "a few seconds left";
  if (seconds < 60) return `about ${Math.ceil(seconds / 10) * 10} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `about ${minutes} min left`;
  return `about ${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}

export function day(iso) {
  if (!iso) return "";
  const date = new Date(iso);
  const year = date.getFullYear() === new Date().getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString("en", { day: "numeric", month: "short", year });
}

const STAGES = {
  probe: "Looking at the recording",
  audio: "Taking out the sound",
  speech: "Listening to the speech",
  subtitles: "Reading the subtitles",
  slides: "Finding the slides",
  ocr: "Reading the slides",
  notes: "Matching words and slides",
};

// "slides + speech" -> the names of both; writing several documents is one thing to a reader.
export function stages(joined) {
  const names = joined
    .split(" + ")
    .filter(Boolean)
    .map((name) => (name.startsWith("doc") ? "Writing the documents" : STAGES[name] ?? name.replaceAll("_", " ")));
  return [...new Set(names)].join(" · ") || "Getting started";
}

const FORMATS = { pdf: "PDF", docx: "Word", md: "Markdown", txt: "Text", srt: "SRT", vtt: "VTT", html: "Web page", json: "JSON" };
const ORDER = Object.keys(FORMATS);

export const formatName = (name) => FORMATS[name] ?? name.toUpperCase();

export function byFormat(artifacts) {
  const place = (made) => (ORDER.indexOf(made.format) + ORDER.length + 1) % (ORDER.length + 1);
  return [...artifacts].sort((one, other) => place(one) - place(other));
}

export function counts(metrics) {
  const said = [];
  if (metrics.slides) said.push(plural(metrics.slides, "slide"));
  if (metrics.words) said.push(plural(metrics.words, "word"));
  return said.join(" · ");
}

export const STATES = {
  queued: "Waiting",
  running: "Working",
  cancelling: "Stopping",
  succeeded: "Ready",
  failed: "Failed",
  cancelled: "Cancelled",
};

export const active = (job) => Boolean(job) && ["queued", "running", "cancelling"].includes(job.state);
