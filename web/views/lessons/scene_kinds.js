// The kinds of scenes: their names, the fields of their slides, and the content that a new scene begins with.

import { t } from "../../i18n.js";
import { area, choice, code, line, lineNumbers, lines } from "./text_fields.js";
import { chartGrid, tableGrid } from "./grid_fields.js";
import { calloutList, clipFields, column, diagram, quizOptions, slideSource } from "./special_fields.js";

const heading = line("heading", t("Heading"));
const requiredHeading = line("heading", t("Heading"), { isRequired: true });
const alt = line("alt", t("Description of the picture"), { hint: t("For people who can't see it.") });

// `fields`: functions of the content, which return { node, read() }; read() returns some fields of the content.
export const SCENE_KINDS = {
  title: { label: t("Title"), fields: [requiredHeading, line("subtitle", t("Subtitle"))], initial: () => ({ heading: t("Title") }) },
  bullets: { label: t("Points"), fields: [heading, lines("items", t("Points"))], initial: () => ({ items: [t("First point")] }) },
  two_columns: {
    label: t("Two columns"),
    fields: [heading, column("left", t("Left column")), column("right", t("Right column"))],
    initial: () => ({ left: { heading: "", items: [t("First point")] }, right: { heading: "", items: [t("First point")] } }),
  },
  quote: { label: t("Quotation"), fields: [area("text", t("Text"), { isRequired: true }), line("author", t("Author"))], initial: () => ({ text: t("Text") }) },
  definition: {
    label: t("Definition"),
    fields: [line("term", t("Term"), { isRequired: true }), area("definition", t("Definition"), { isRequired: true }), line("example", t("Example"))],
    initial: () => ({ term: t("Term"), definition: t("Definition") }),
  },
  formula: { label: t("Formula"), fields: [heading, lines("steps", t("Steps in LaTeX"), { className: "mono" }), line("note", t("Note"))], initial: () => ({ steps: ["a^2 + b^2 = c^2"] }) },
  code: {
    label: t("Code"),
    fields: [heading, code("code", t("Code")), line("language", t("Programming language")), lineNumbers("highlighted_lines", t("Highlighted lines"))],
    initial: () => ({ code: 'print("Hello")', language: "python" }),
  },
  table: { label: t("Table"), fields: [heading, tableGrid], initial: () => ({ columns: ["A", "B"], rows: [["", ""]] }) },
  chart: {
    label: t("Chart"),
    fields: [heading, choice("form", t("Form"), { bar: t("Bars"), line: t("Lines"), pie: t("Pie") }), line("unit", t("Unit")), chartGrid],
    initial: () => ({ form: "bar", labels: ["A", "B"], series: [{ name: "", values: [1, 2] }] }),
  },
  diagram: {
    label: t("Diagram"),
    fields: [heading, choice("direction", t("Direction"), { right: t("To the right"), down: t("Downwards") }), diagram],
    initial: () => ({ nodes: [{ id: "a", label: "A" }, { id: "b", label: "B" }], edges: [{ source: "a", target: "b", label: "" }], direction: "right" }),
  },
  image: { label: t("Slide or picture"), fields: [heading, slideSource, line("caption", t("Caption")), alt], initial: () => ({}) },
  callouts: { label: t("Slide with labels"), fields: [heading, slideSource, calloutList, alt], initial: () => ({ callouts: [{ x: 0.5, y: 0.5, text: t("Label") }] }) },
  clip: { label: t("Part of a recording"), fields: [heading, clipFields], initial: () => ({ recording_id: "", start_s: 0, end_s: 10, sound: "own" }) },
  summary: { label: t("Summary"), fields: [heading, lines("items", t("Points"))], initial: () => ({ items: [t("First point")] }) },
  quiz: {
    label: t("Quiz"),
    fields: [line("question", t("Question"), { isRequired: true }), quizOptions, line("explanation", t("Explanation"))],
    initial: () => ({ question: t("Question"), options: ["A", "B"], answer: 0 }),
  },
};

// Return the content as another kind: fields of the same name stay.
export function contentAs(kind, content) {
  const initial = SCENE_KINDS[kind].initial();
  const sharedFields = ["heading", "items", "source", "alt"].filter((name) => content[name] !== undefined);
  const names = sharedFields.filter((name) => name in initial || SCENE_KINDS[kind].fields.some((make) => make.fieldName === name));
  return { kind, ...initial, ...Object.fromEntries(names.map((name) => [name, content[name]])) };
}

// Return what the scene still lacks, or "".
export function missingPart({ content }) {
  if (content.kind === "clip" && !content.recording_id) return t("Choose a recording first.");
  const needsSlide = ["image", "callouts"].includes(content.kind);
  return needsSlide && !content.source ? t("Choose a slide first.") : "";
}

// All values of a scene as one text, by which two versions are compared.
export function sceneValues(scene) {
  const isEmpty = (value) => value === "" || value === null || value === undefined || value?.length === 0;
  const withSortedKeys = (value) => {
    if (Array.isArray(value)) return value.map(withSortedKeys);
    if (typeof value !== "object" || value === null) return value;
    return Object.fromEntries(Object.entries(value).filter(([, each]) => !isEmpty(each)).sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, each]) => [name, withSortedKeys(each)]));
  };
  return JSON.stringify(withSortedKeys(scene));
}

// The texts of a scene, one in each line.
export function sceneText({ content, narration }) {
  const texts = (value) => (typeof value === "string" ? [value] : typeof value === "object" && value !== null ? Object.values(value).flatMap(texts) : []);
  const { kind, source, ...shown } = content;
  return [...texts(shown), narration].filter(Boolean).join("\n");
}

// One line that tells scenes apart in a list.
export function sceneTitle({ content, narration }) {
  const text = content.heading || content.term || content.question || content.text || content.items?.[0] || narration;
  return text?.slice(0, 120) || SCENE_KINDS[content.kind]?.label || content.kind;
}
