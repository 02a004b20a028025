// Texts in the user's language. The English text is the key: t("Sign out"). messages/LANGUAGE.js has its translations.

const LANGUAGE_KEY = "lectern.language";
export const LANGUAGES = { en: "English", de: "Deutsch" };

export const language = chooseLanguage();
// The user's own variant decides how dates and numbers look: "en-GB" writes 29 Nov, "en-US" Nov 29.
export const locale = navigator.languages.find((tag) => tag === language || tag.startsWith(`${language}-`)) ?? language;
const messages = language === "en" ? {} : (await import(`./messages/${language}.js`)).default;
const pluralRules = new Intl.PluralRules(language);
document.documentElement.lang = language;

function chooseLanguage() {
  const tags = [localStorage.getItem(LANGUAGE_KEY) ?? "", ...navigator.languages];
  return tags.map((tag) => tag.split("-")[0]).find((tag) => Object.hasOwn(LANGUAGES, tag)) ?? "en";
}

// Every view has been written in the old language: load the page again.
export function setLanguage(tag) {
  localStorage.setItem(LANGUAGE_KEY, tag);
  location.reload();
}

// ("Rename {title}", { title }) -> "Rename Trees". The text must be a literal, so that the test of the catalogue finds it.
export function t(text, values = {}) {
  return fill(messages[text] ?? text, values);
}

// ("{count} slide", "{count} slides", 2) -> "2 slides"
export function tn(one, other, count, values = {}) {
  const text = pluralRules.select(count) === "one" ? one : other;
  return fill(messages[text] ?? text, { count: count.toLocaleString(locale), ...values });
}

function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (placeholder, name) => String(values[name] ?? placeholder));
}
