// The addresses of the page and the views behind them. The module of a view is loaded when its address is opened.

import { basePath } from "./base_path.js";

const TOKEN = "([\\w-]{20,100})";

// `access`: "public", "user" or "admin". `hash`: a part of the address that is removed when the view opens, as it is a secret.
const ROUTES = [
  { path: /^\/$/, hash: new RegExp(`^#verify=${TOKEN}$`), title: "E-mail address", access: "public", load: () => load("./views/account_links.js", "verifyEmailPage") },
  { path: /^\/$/, hash: new RegExp(`^#reset=${TOKEN}$`), title: "New password", access: "public", load: () => load("./views/account_links.js", "newPasswordPage") },
  { path: /^\/$/, title: "", access: "user", load: () => load("./views/home_page.js", "homePage") },
  { path: /^\/watch\/([^/]+)\/?$/, title: "Watch", access: "user", load: () => load("./views/recording_page.js", "recordingPage") },
  { path: /^\/account\/?$/, title: "Account", access: "user", load: () => load("./views/account/account_page.js", "accountPage") },
  { path: /^\/recordings\/([^/]+)\/?$/, title: "Watch", access: "user", load: () => load("./views/recording_page.js", "recordingPage") },
  { path: /^\/admin\/?$/, title: "Administration", access: "admin", load: () => load("./views/admin/admin_page.js", "adminPage") },
];
const NOT_FOUND = { title: "Page not found", access: "public", load: () => load("./views/not_found_page.js", "notFoundPage") };

async function load(module, name) {
  return (await import(module))[name];
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
