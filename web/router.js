// The addresses of the page and the views behind them. The module of a view is loaded when its address is opened.

import { basePath } from "./base_path.js";
import { t } from "./i18n.js";

const TOKEN = "([\\w-]{20,100})";

// `access`: "public", "user" or "admin". `hash`: a part of the address that is removed when the view opens, as it is a secret.
// `style`: a style sheet that only this view needs.
const ROUTES = [
  { path: /^\/$/, hash: new RegExp(`^#verify=${TOKEN}$`), title: t("E-mail address"), access: "public", load: () => load("./views/account_links.js", "verifyEmailPage") },
  { path: /^\/$/, hash: new RegExp(`^#reset=${TOKEN}$`), title: t("New password"), access: "public", load: () => load("./views/account_links.js", "newPasswordPage") },
  { path: /^\/$/, title: "", access: "user", load: () => load("./views/home_page.js", "homePage") },
  { path: /^\/watch\/([^/]+)\/?$/, title: t("Watch"), access: "user", load: () => load("./views/recording_page.js", "recordingPage") },
  { path: /^\/lessons\/?$/, title: t("Lessons"), access: "user", style: "lessons.css", load: () => load("./views/lessons/lessons_page.js", "lessonsPage") },
  { path: /^\/lessons\/([^/]+)\/?$/, title: t("Lesson"), access: "user", style: "lessons.css", load: () => load("./views/lessons/editor_page.js", "editorPage") },
  { path: /^\/courses\/?$/, title: t("Courses"), access: "user", style: "courses.css", load: () => load("./views/courses/courses_page.js", "coursesPage") },
  { path: /^\/courses\/([^/]+)\/?$/, title: t("Course"), access: "user", style: "courses.css", load: () => load("./views/courses/course_page.js", "coursePage") },
  { path: /^\/projects\/?$/, title: t("Projects"), access: "user", style: "courses.css", load: () => load("./views/projects/projects_page.js", "projectsPage") },
  { path: /^\/projects\/([^/]+)\/?$/, title: t("Project"), access: "user", style: "courses.css", load: () => load("./views/projects/project_page.js", "projectPage") },
  { path: /^\/slides\/?$/, title: t("Slides"), access: "user", style: "courses.css", load: () => load("./views/slide_wall_page.js", "slideWallPage") },
  { path: /^\/account\/?$/, title: t("Account"), access: "user", load: () => load("./views/account/account_page.js", "accountPage") },
  { path: /^\/recordings\/([^/]+)\/?$/, title: t("Watch"), access: "user", load: () => load("./views/recording_page.js", "recordingPage") },
  { path: /^\/admin\/?$/, title: t("Administration"), access: "admin", load: () => load("./views/admin/admin_page.js", "adminPage") },
];
const NOT_FOUND = { title: t("Page not found"), access: "public", load: () => load("./views/not_found_page.js", "notFoundPage") };

async function load(module, name) {
  return (await import(module))[name];
}

const loadedStyles = new Set();

// Add the style sheet of a view to the page, once.
export function loadStyle(name) {
  if (!name || loadedStyles.has(name)) return Promise.resolve();
  loadedStyles.add(name);
  const link = document.createElement("link");
  Object.assign(link, { rel: "stylesheet", href: new URL(`./${name}`, import.meta.url) });
  return new Promise((resolve) => {
    link.onload = link.onerror = resolve; // without its styles, a view can still be read
    document.head.append(link);
  });
}

// Return a route with `parameter`: the value in the address (a token, a recording's id).
export function findRoute({ pathname, hash }) {
  const path = pathname.startsWith(basePath) ? pathname.slice(basePath.length) : pathname;
  for (const route of ROUTES) {
    const pathMatch = path.match(route.path);
    const hashMatch = route.hash ? hash.match(route.hash) : [];
    if (pathMatch && hashMatch) return { ...route, parameter: hashMatch[1] ?? decode(pathMatch[1]) };
  }
  return { ...NOT_FOUND, parameter: path };
}

function decode(segment = "") {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment; // a malformed escape: the server finds nothing by this name
  }
}
