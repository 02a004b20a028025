import { basePath } from "./base_path.js";

const RULE_KEYS = ["required", "properties"];

// Whether an alternative is only a rule across fields, such as "one of these is required".
const isRule = (schema) => Object.keys(schema).length > 0 && Object.keys(schema).every((key) => RULE_KEYS.includes(key));

const isListOfRules = (key, value) => (key === "anyOf" || key === "oneOf") && Array.isArray(value) && value.every(isRule);

// Redoc merges such rules into the fields, and would show wrong types; the descriptions tell them in words.
function withoutRules(value) {
  if (Array.isArray(value)) return value.map(withoutRules);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([key, part]) => !isListOfRules(key, part));
  return Object.fromEntries(entries.map(([key, part]) => [key, withoutRules(part)]));
}

const response = await fetch(`${basePath}/openapi.json`);
Redoc.init(withoutRules(await response.json()), {}, document.getElementById("redoc"));
