// Languages that can be chosen for the speech (ISO 639-1), with their English names.

const CODES =
  "af am ar as az be bg bn bo br bs ca cs cy da de el en es et eu fa fi fr gl gu ha he hi hr hu hy id is it ja jv ka kk km kn ko la lb " +
  "ln lo lt lv mg mi mk ml mn mr ms mt my ne nl nn no oc pa pl ps pt ro ru sa sd si sk sl sn so sq sr su sv sw ta te tg th tk tl tr " +
  "tt uk ur uz vi yi yo zh";

export function listLanguages() {
  const names = new Intl.DisplayNames(["en"], { type: "language" });
  return CODES.split(" ")
    .map((code) => ({ code, name: names.of(code) }))
    .sort((one, other) => one.name.localeCompare(other.name, "en"));
}
