// Sentences of the server in the user's language. They arrive in English; messages/server/LANGUAGE.js has their translations, with {1}, {2} …
// for the parts that differ from case to case. A sentence without translation stays as it is.

import { language, locale } from "./i18n.js";

const FIELD = /^([\w.[\]-]+: )(.+)$/s; // "email: Field required"
let sentences = new Map();
let patterns = [];

let loading = null;

// Resolves when the sentences are there. They are loaded when the first one is needed.
export function loadServerTexts() {
  loading ??= language === "en" ? Promise.resolve() : import(`./messages/server/${language}.js`).then(({ default: catalogue }) => prepare(catalogue), () => {});
  return loading;
}

function prepare(catalogue) {
  const entries = Object.entries(catalogue);
  sentences = new Map(entries.filter(([text]) => !text.includes("{1}")));
  patterns = entries
    .filter(([text]) => text.includes("{1}"))
    .sort(([one], [other]) => other.length - one.length) // the more particular ones first
    .map(([text, translation]) => ({ expression: expressionOf(text), translation }));
}

function expressionOf(text) {
  const literals = text.split(/\{\d+\}/).map((literal) => literal.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"));
  return new RegExp(`^${literals.join("(.+?)")}$`, "s");
}

// `text`: one or several sentences, such as the message of an error with its detail. Before `loadServerTexts` it is returned unchanged.
export function fromServer(text) {
  if (!text || !sentences.size) return text ?? "";
  return translate(text) ?? text;
}

// Return a node for the text of the page; it is translated as soon as the sentences are there.
export function serverText(text) {
  const node = document.createTextNode(fromServer(text));
  if (text && !sentences.size) loadServerTexts().then(() => (node.data = fromServer(text)));
  return node;
}

function translate(text) {
  return sentences.get(text) ?? byParts(text, (part) => sentences.get(part)) ?? byPattern(text) ?? byParts(text, byPattern) ?? byField(text);
}

// The translation of the longest first sentences that `find` knows, followed by that of the rest; undefined if there are none.
function byParts(text, find) {
  for (let end = text.lastIndexOf(" "); end > 0; end = text.lastIndexOf(" ", end - 1)) {
    const translation = /[.?:]$/.test(text.slice(0, end)) ? find(text.slice(0, end)) : undefined;
    if (translation !== undefined) return `${translation} ${fromServer(text.slice(end + 1))}`;
  }
}

function byPattern(text) {
  for (const { expression, translation } of patterns) {
    const values = text.match(expression);
    if (values) return translation.replace(/\{(\d+)\}/g, (_, number) => valueText(values[number]));
  }
}

// Short whole numbers stay as they are: they may be years, ports, or names of files.
const valueText = (value) => (/^\d+\.\d+$|^\d{6,}$/.test(value) ? Number(value).toLocaleString(locale) : fromServer(value));

// The problems of several fields: "title: Field required; year: Input should be a valid integer"
function byField(text) {
  if (!FIELD.test(text)) return undefined;
  return text.split("; ").map((problem) => problem.replace(FIELD, (_, name, rest) => name + fromServer(rest))).join("; ");
}
