// The courses of the user, and the public ones.

import { basePath } from "../../base_path.js";
import * as api from "../../courses_api.js";
import { t, tn } from "../../i18n.js";
import { formDialog } from "../dialogs.js";
import { button, errorNote, h, replaceContent } from "../dom.js";
import { tabs } from "../tabs.js";
import { courseFields, progressBar } from "./course_fields.js";

const PAGE_SIZE = 30;

export const courseUrl = (id) => `${basePath}/courses/${encodeURIComponent(id)}`;

export function coursesPage() {
  const own = courseList("own", t("You have no courses yet. A course puts recordings in order and shows how far you are."));
  const open = courseList("public", t("There are no public courses."));
  const scopes = tabs(t("Courses"), {
    own: { label: t("Your courses"), node: own.node, show: own.load },
    open: { label: t("Public courses"), node: open.node, show: open.load },
  });
  const create = button(t("New course"), { iconName: "add", variant: "primary", on: { click: createCourse } });

  function createCourse() {
    const fields = courseFields();
    formDialog(t("New course"), {
      fields: fields.nodes,
      submitLabel: t("Create"),
      draft: "new-course",
      async submit() {
        const course = await api.createCourse(fields.values());
        location.assign(courseUrl(course.id));
      },
    });
  }

  return { node: h("div", { class: "courses" }, h("div", { class: "row between page-head" }, h("h1", {}, t("Courses")), create), scopes.node, own.node, open.node) };
}

function courseList(scope, emptyText) {
  const list = h("ul", { class: "course-grid" });
  const footer = h("div", { class: "list-footer" });
  const messages = h("div", { class: "messages" });
  let pages = 0;
  let isLoading = false;

  async function loadPage() {
    if (isLoading) return;
    isLoading = true;
    try {
      const { courses, total } = await api.listCourses(scope, pages + 1, PAGE_SIZE);
      pages += 1;
      list.append(...courses.map(courseCard));
      const more = list.childElementCount < total && button(t("Show more courses"), { on: { click: loadPage } });
      replaceContent(footer, more, !total && h("p", { class: "empty-state" }, emptyText));
      replaceContent(messages);
    } catch (error) {
      if (error.status !== 401) replaceContent(messages, errorNote(error));
    }
    isLoading = false;
  }

  return { node: h("div", {}, messages, list, footer), load: () => pages || loadPage() };
}

function courseCard(course) {
  const facts = [tn("{count} recording", "{count} recordings", course.recordings), course.visibility === "PRIVATE" ? "" : course.owner];
  return h(
    "li",
    { class: "card course-card" },
    h("h2", {}, h("a", { href: courseUrl(course.id) }, course.title)),
    course.description && h("p", { class: "course-about" }, course.description),
    h("p", { class: "meta" }, facts.filter(Boolean).join(" · ")),
    course.progress && course.recordings > 0 && progressBar(course.progress),
  );
}
