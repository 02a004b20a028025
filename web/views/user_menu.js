// The menu of the user in the header: the account, the administration for those who may, the language, and signing out.

import { basePath } from "../base_path.js";
import { LANGUAGES, language, setLanguage, t } from "../i18n.js";
import { h, icon } from "./dom.js";
import { menuButton } from "./menu.js";

export function userMenu(user, { signOut }) {
  const link = (path, iconName, label) => h("a", { href: `${basePath}${path}` }, icon(iconName), label);
  const otherLanguages = Object.entries(LANGUAGES).filter(([tag]) => tag !== language);
  const createItems = () => [
    h("p", { class: "menu-title" }, user.email),
    link("/", "video", t("Recordings")),
    link("/account", "user", t("Account")),
    user.is_admin && link("/admin", "settings", t("Administration")),
    ...otherLanguages.map(([tag, name]) => h("button", { type: "button", lang: tag, on: { click: () => setLanguage(tag) } }, icon("language"), name)),
    h("button", { type: "button", on: { click: signOut } }, icon("signOut"), t("Sign out")),
  ];
  const name = user.name || user.email;
  const label = [icon("user"), h("span", { class: "user-name" }, name)];
  return menuButton(label, createItems, { label: t("Menu of {name}", { name }), className: "user-menu", buttonClass: "button quiet user-button" });
}
