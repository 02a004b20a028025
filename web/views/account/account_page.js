// The account of the user: profile, plan, storage, Word template, glossary, password, sessions, notifications, API keys, webhooks, channels, and the data as a whole.

import { t } from "../../i18n.js";
import { h } from "../dom.js";
import { keysSection } from "./api_keys.js";
import { channelsSection } from "./channels.js";
import { dataSection } from "./data.js";
import { ownGlossarySection } from "./glossary.js";
import { notificationsSection } from "./notifications.js";
import { planSection } from "./plan.js";
import { passwordSection, profileSection } from "./profile.js";
import { sessionsSection } from "./sessions.js";
import { storageSection } from "./storage.js";
import { webhooksSection } from "./webhooks.js";
import { wordTemplateSection } from "./word_template.js";

export function accountPage({ user, showUser, openHome }) {
  const sections = [
    profileSection(user, showUser),
    planSection(),
    storageSection(),
    wordTemplateSection(),
    ownGlossarySection(),
    passwordSection(),
    sessionsSection(),
    notificationsSection(),
    keysSection(user),
    webhooksSection(),
    channelsSection(),
    dataSection(openHome),
  ];
  const links = sections.map((section) => h("a", { href: `#${section.id}` }, section.querySelector("h2").textContent));
  const nav = h("nav", { class: "side-nav", "aria-label": t("Account") }, links);
  const node = h("div", { class: "account-page" }, h("h1", {}, t("Account")), nav, h("div", { class: "account-sections" }, sections));
  return { node };
}
