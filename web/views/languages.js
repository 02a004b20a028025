// Languages that can be chosen for the speech (ISO 639-1), with their names in the language of the page.

import { language, t } from "../i18n.js";

const CODES =
  "af am ar as az be bg bn bo br bs ca cs cy da de el en es et eu fa fi fr gl gu ha he hi hr hu hy id is it ja jv ka kk km kn ko la lb " +
  "ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr " +
  "tt uk ur uz vi yi yo zh";

const RARE_NAMES = { bo: t("Tibetan") }; // Debian's Chromium doesn't know it

export function listLanguages() {
  const names = new Intl.DisplayNames([language], { type: "language", fallback: "none" });
  return CODES.split(" ")
    .map((code) => ({ code, name: names.of(code) ?? RARE_NAMES[code] ?? code }))
    .sort((one, other) => one.name.localeCompare(other.name, language));
}
