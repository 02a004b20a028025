// The frame of the page: finds the user and the view of the address, and shows the sign-in form where a view needs a user.

import * as api from "./api.js";
import { basePath } from "./base_path.js";
import { deleteAllDrafts, keepDraftsOf } from "./drafts.js";
import { JobEventStream } from "./event_stream.js";
import { loadFormats } from "./formats.js";
import { t } from "./i18n.js";
import { findRoute, loadStyle } from "./router.js";
import { replaceContent } from "./views/dom.js";
import { errorPage } from "./views/error_page.js";
import { forbiddenPage } from "./views/forbidden_page.js";
import { noticeBell } from "./views/notice_bell.js";
import { showSections, translateFrame } from "./views/page_frame.js";
import { signInPage } from "./views/sign_in_page.js";
import { userMenu } from "./views/user_menu.js";

const main = document.getElementById("main");
const account = document.getElementById("account");
let view = null;
let user = null;
let events = null;
let bell = null;
let menu = null;

function showView(nextView, title) {
  view?.destroy?.();
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close(); // they belong to the view before
  view = nextView;
  document.title = title ? `${title} · Lectern` : "Lectern";
  replaceContent(main, view.node);
}

function setUser(nextUser) {
  bell?.destroy();
  events?.close();
  user = nextUser;
  events = user && new JobEventStream();
  bell = user && noticeBell(events);
  showSections(Boolean(user));
  if (!user) return replaceContent(account);
  keepDraftsOf(user.id);
  showUser(user);
}

function showSignIn(message = "") {
  setUser(null);
  showView(signInPage({ message, onSignedIn: enter }), t("Sign in"));
}

function enter(signedInUser) {
  setUser(signedInUser);
  return openAddress();
}

// `message` is shown above the sign-in form.
async function openAddress(message = "") {
  const route = findRoute(location);
  if (route.hash) history.replaceState(null, "", location.pathname + location.search);
  try {
    if (route.access !== "public" && !user) setUser(await api.getCurrentUser());
    if (route.access === "admin" && !user.is_admin) return showView(forbiddenPage(user), t("For administrators"));
    const [createView] = await Promise.all([route.load(), loadFormats(), loadStyle(route.style)]);
    showView(createView({ parameter: route.parameter, events, user, showUser, openHome }), route.title);
    main.focus({ preventScroll: true });
  } catch (error) {
    if (error.status === 401) showSignIn(message);
    else showView(errorPage(error, () => openAddress(message)), "");
  }
}

// Leave the view for the home page. Without a session, `message` stands above the sign-in form.
function openHome(message = "") {
  if (message) setUser(null); // the session may have ended
  history.replaceState(null, "", `${basePath}/`);
  return openAddress(message);
}

// Show the changed user in the header.
function showUser(changedUser) {
  user = changedUser;
  menu?.destroy();
  menu = userMenu(user, { signOut });
  replaceContent(account, bell.node, menu.node);
}

async function signOut() {
  try {
    await api.signOut();
  } catch (error) {
    if (error.status !== 401) return showView(errorPage(error, () => openAddress()), "");
  }
  deleteAllDrafts();
  showSignIn(t("You are signed out."));
}

api.onSessionExpired(() => {
  if (user) showSignIn(t("Your session has expired. Sign in again."));
});
addEventListener("hashchange", () => {
  if (findRoute(location).hash) openAddress();
});
translateFrame();
openAddress();
