// Application shell: loads the current user and the view for the URL; shows the sign-in form if the view needs a user.

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
let eventStream = null;
let latestOpening = 0;
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
  menu?.destroy();
  menu = null;
  eventStream?.close();
  user = nextUser;
  eventStream = user && new JobEventStream();
  bell = user && noticeBell(eventStream);
  showSections(Boolean(user));
  if (!user) return replaceContent(account);
  keepDraftsOf(user.id);
  showUser(user);
}

function showSignIn(message = "") {
  latestOpening += 1;
  setUser(null);
  showView(signInPage({ message, onSignedIn: enter }), t("Sign in"));
}

function enter(signedInUser) {
  setUser(signedInUser);
  scrollTo(0, 0);
  return openAddress();
}

// `message` is shown above the sign-in form. A later call, or the sign-in form, ends an earlier call that still loads its view.
async function openAddress(message = "") {
  latestOpening += 1;
  const opening = latestOpening;
  const route = findRoute(location);
  if (route.hash) history.replaceState(null, "", location.pathname + location.search);
  try {
    if (route.access !== "public" && !user) {
      const currentUser = await api.getCurrentUser();
      if (opening !== latestOpening) return;
      setUser(currentUser);
    }
    if (route.access === "admin" && !user.is_admin) return showView(forbiddenPage(user), t("For administrators"));
    const [createView] = await Promise.all([route.load(), loadFormats(), loadStyle(route.style)]);
    if (opening !== latestOpening) return;
    showView(createView({ parameter: route.parameter, events: eventStream, user, showUser, openHome }), route.title);
    main.focus({ preventScroll: true });
  } catch (error) {
    if (opening !== latestOpening) return;
    if (error.status === 401) showSignIn(message);
    else showView(errorPage(error, () => openAddress(message)), "");
  }
}

// Leave the view for the home page. Without a session, `message` is shown above the sign-in form.
function openHome(message = "") {
  if (message) setUser(null); // load the user again: this link may have ended the session
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
