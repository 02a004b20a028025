// The administration page. The hash of the address selects one of its sections.

import { t } from "../../i18n.js";
import { errorPage } from "../error_page.js";
import { h, replaceContent } from "../dom.js";
import { auditSection } from "./audit.js";
import { creditsSection } from "./credits.js";
import { errorsSection } from "./errors.js";
import { emailSection } from "./email.js";
import { overviewSection } from "./overview.js";
import { promptsSection } from "./prompts.js";
import { recordingsSection } from "./recordings.js";
import { serversSection } from "./servers.js";
import { settingsSection } from "./settings.js";
import { usersSection } from "./users.js";

// Each `create(user)` returns a promise of an element.
const SECTIONS = {
  overview: { label: t("Overview"), create: overviewSection },
  users: { label: t("Users"), create: usersSection },
  credits: { label: t("Credits and plans"), create: creditsSection },
  recordings: { label: t("Recordings and jobs"), create: recordingsSection },
  errors: { label: t("Errors"), create: errorsSection },
  prompts: { label: t("Prompts"), create: promptsSection },
  mail: { label: t("E-mail"), create: emailSection },
  settings: { label: t("Settings"), create: settingsSection },
  servers: { label: t("Servers"), create: serversSection },
  audit: { label: t("Audit log"), create: auditSection },
};

export function adminPage({ user }) {
  const tabs = Object.entries(SECTIONS).map(([name, { label }]) => h("a", { href: `#${name}` }, label));
  const body = h("div");
  const node = h("div", {}, h("h1", {}, t("Administration")), h("nav", { class: "tabs", "aria-label": t("Administration") }, tabs), body);

  async function showSection(name) {
    const content = h("div", { "aria-busy": "true" });
    for (const tab of tabs) {
      if (tab.hash === `#${name}`) tab.setAttribute("aria-current", "page");
      else tab.removeAttribute("aria-current");
    }
    replaceContent(body, content);
    try {
      replaceContent(content, await SECTIONS[name].create(user));
    } catch (error) {
      replaceContent(content, errorPage(error, () => showSection(name)).node);
    }
    content.removeAttribute("aria-busy");
  }

  function followHash() {
    const name = location.hash.slice(1);
    if (Object.hasOwn(SECTIONS, name)) showSection(name);
    else if (!body.firstChild || !name) showSection("overview");
  }

  addEventListener("hashchange", followHash);
  followHash();
  return { node, destroy: () => removeEventListener("hashchange", followHash) };
}
