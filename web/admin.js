// The admin page: who is here, then one of its parts, chosen by the address's #.

import * as api from "./api.js";
import { auditView } from "./views/admin/audit.js";
import { errorsView } from "./views/admin/errors.js";
import { mailView } from "./views/admin/mail.js";
import { overviewView } from "./views/admin/overview.js";
import { promptsView } from "./views/admin/prompts.js";
import { recordingsView } from "./views/admin/recordings.js";
import { serversView } from "./views/admin/servers.js";
import { settingsView } from "./views/admin/settings.js";
import { usersView } from "./views/admin/users.js";
import { h, show } from "./views/dom.js";
import { signInView } from "./views/sign_in.js";
import { troubleView } from "./views/trouble.js";

const PARTS = {
  overview: ["Overview", overviewView],
  users: ["Users", usersView],
  recordings: ["Recordings and jobs", recordingsView],
  errors: ["Errors", errorsView],
  prompts: ["Prompts", promptsView],
  mail: ["E-mail", mailView],
  settings: ["Settings", settingsView],
  servers: ["Servers", serversView],
  audit: ["Audit log", auditView],
};
const main = document.getElementById("main");
const account = document.getElementById("account");
let user = null;

function askToSignIn(note = "") {
  user = null;
  show(account);
  show(main, signInView({ note, onSignedIn: enter }).node);
}

function enter(found) {
  if (!found.is_admin) return askToSignIn("This page is for administrators. Please sign in as one.");
  user = found;
  show(account, h("span", { class: "who", title: user.email }, user.name || user.email));
  showPart();
}

async function showPart() {
  if (!user) return;
  const asked = location.hash.slice(1);
  const name = asked in PARTS ? asked : "overview";
  const tabs = Object.entries(PARTS).map(([key, [label]]) => h("a", { href: `#${key}`, "aria-current": key === name && "page" }, label));
  const place = h("div", { "aria-busy": "true" });
  show(main, h("h1", {}, "Administration"), h("nav", { class: "tabs", "aria-label": "Administration" }, tabs), place);
  try {
    const view = await PARTS[name][1]();
    if (place.isConnected) show(place, view);
  } catch (error) {
    if (place.isConnected) show(place, troubleView(error, showPart).node);
  }
  place.removeAttribute("aria-busy");
}

async function start() {
  try {
    enter(await api.me());
  } catch (error) {
    if (error.status === 401) askToSignIn();
    else show(main, troubleView(error, start).node);
  }
}

addEventListener("hashchange", showPart);
api.whenSignedOut(() => {
  if (user) askToSignIn("Your session has ended. Please sign in again.");
});
start();
