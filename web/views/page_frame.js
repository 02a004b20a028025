// What surrounds every view: the links to the sections of the page, and the texts of index.html in the user's language.

import { basePath } from "../base_path.js";
import { t } from "../i18n.js";
import { h, replaceContent } from "./dom.js";

const SECTIONS = [
  { path: "/", label: t("Recordings"), views: /^\/($|watch\/|recordings\/)/ },
  { path: "/lessons", label: t("Lessons"), views: /^\/lessons(\/|$)/ },
  { path: "/projects", label: t("Projects"), views: /^\/projects(\/|$)/ },
  { path: "/courses", label: t("Courses"), views: /^\/courses(\/|$)/ },
  { path: "/slides", label: t("Slides"), views: /^\/slides\/?$/ },
];

// Show the links to a user who is signed in.
export function showSections(isSignedIn) {
  const nav = document.getElementById("site-nav");
  const path = location.pathname.slice(basePath.length);
  nav.hidden = !isSignedIn;
  nav.setAttribute("aria-label", t("Sections"));
  replaceContent(nav, SECTIONS.map(({ path: target, label, views }) => h("a", { href: basePath + target, "aria-current": views.test(path) && "page" }, label)));
  const current = nav.querySelector("[aria-current]");
  if (current) nav.scrollLeft = current.offsetLeft - nav.offsetLeft - 16; // on a phone the links don't fit
}

export function translateFrame() {
  const texts = {
    ".skip-link": t("Skip to content"),
    ".tagline": t("Lectern turns lectures into documents and documents into lectures."),
    "#docs-link": t("API console"),
    "#redoc-link": t("API reference"),
    "#health-link": t("Health"),
  };
  for (const [selector, text] of Object.entries(texts)) document.querySelector(selector).textContent = text;
  document.querySelector(".footer-row").setAttribute("aria-label", t("About this server"));
}
