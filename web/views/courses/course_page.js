// A course: its recordings in order, how far the user has watched each, and for its owner the tools to change it.

import { firstPictureUrl, watchUrl } from "../../api.js";
import { basePath } from "../../base_path.js";
import * as api from "../../courses_api.js";
import { formatDuration } from "../../format.js";
import { t, tn } from "../../i18n.js";
import { askFor, formDialog } from "../dialogs.js";
import { announce, button, errorNote, h, icon, replaceContent } from "../dom.js";
import { courseFields, progressBar } from "./course_fields.js";
import { pickRecordings } from "./recording_picker.js";

export function coursePage({ parameter: id }) {
  const backLink = h("a", { class: "back", href: `${basePath}/courses` }, icon("back"), h("span", {}, t("All courses")));
  const title = h("h1", { tabindex: -1 }, "\u00a0");
  const about = h("p", { class: "course-about" });
  const progress = h("div", {});
  const messages = h("div", { class: "messages" });
  const list = h("ol", { class: "course-entries", "aria-label": t("Recordings of the course") });
  const next = h("a", { class: "button primary" }, icon("play"), h("span", {}));
  const edit = button(t("Edit"), { iconName: "edit", variant: "quiet", on: { click: editCourse } });
  const add = button(t("Add recordings"), { iconName: "add", on: { click: addRecordings } });
  const remove = button(t("Delete"), { iconName: "delete", variant: "quiet", on: { click: deleteCourse } });
  const empty = h("p", { class: "empty-state", hidden: true }, t("This course has no recordings yet."));
  const head = h("div", { class: "course-head" }, title, about, progress, h("div", { class: "row" }, next, add, edit, remove));
  const access = h("div", { class: "messages" });
  const node = h("div", { class: "course" }, backLink, head, messages, access, list, empty);
  let course = null;

  const isOwn = () => course.is_own;
  const ids = () => course.entries.map((entry) => entry.recording.id);

  async function run(change, message = "") {
    try {
      course = await change();
      replaceContent(messages);
      show();
      if (message) announce(message);
    } catch (error) {
      if (error.status === 404 && !course) showNotFound();
      else if (error.status !== 401) replaceContent(messages, errorNote(error));
    }
  }

  function show() {
    document.title = `${course.title} · Lectern`;
    title.textContent = course.title;
    about.textContent = course.description;
    about.hidden = !course.description;
    replaceContent(progress, course.progress && course.recordings > 0 && progressBar(course.progress));
    for (const tool of [add, edit, remove]) tool.hidden = !isOwn();
    const unwatched = course.entries.find((entry) => entry.position && !entry.position.is_watched) ?? course.entries[0];
    next.hidden = !unwatched;
    if (unwatched) {
      const hasBegun = course.entries.some((entry) => entry.position?.is_watched || entry.position?.position_s > 0);
      next.href = watchUrl(unwatched.recording.id);
      next.querySelector("span").textContent = hasBegun ? t("Continue: {title}", { title: unwatched.recording.title }) : t("Start");
    }
    replaceContent(access, accessNote());
    empty.hidden = course.entries.length > 0 || course.hidden_recordings > 0;
    const focused = document.activeElement?.dataset?.focusKey;
    replaceContent(list, course.entries.map(entryItem));
    if (focused) (list.querySelector(`[data-focus-key="${CSS.escape(focused)}"]:not(:disabled)`) ?? title).focus();
  }

  // The owner learns what others can't see, and others that there is more.
  function accessNote() {
    if (isOwn() && course.visibility !== "PRIVATE") {
      const count = course.entries.filter(({ recording }) => recording.visibility === "PRIVATE").length;
      if (count) return h("p", { class: "note note-warning" }, t("{count} of {total} recordings are private: others can't see them. Change who may watch them in the list of recordings.", { count, total: course.entries.length }));
    }
    const hiddenCount = course.hidden_recordings;
    return hiddenCount > 0 && h("p", { class: "note" }, tn("{count} recording of this course is not open to you.", "{count} recordings of this course are not open to you.", hiddenCount));
  }

  function entryItem({ recording, position }, index) {
    const share = position && recording.duration_s ? Math.min(1, position.position_s / recording.duration_s) : 0;
    const state = position?.is_watched ? h("span", { class: "tag shared" }, icon("check"), t("Watched")) : share > 0 && h("progress", { max: 1, value: share, "aria-label": t("Watched until {time}", { time: formatDuration(position.position_s) }) });
    const showIcon = (event) => event.target.replaceWith(icon("video"));
    const picture = recording.kind === "video" ? h("img", { src: firstPictureUrl(recording.id), alt: "", loading: "lazy", on: { error: showIcon } }) : icon("audio");
    const text = h("div", { class: "entry-text" }, h("h2", {}, h("a", { href: watchUrl(recording.id) }, recording.title)), h("p", { class: "meta" }, formatDuration(recording.duration_s)), state);
    return h("li", { class: "card course-entry" }, h("span", { class: "entry-number" }, String(index + 1)), h("span", { class: "poster" }, picture), text, isOwn() && entryTools(recording, index));
  }

  function entryTools(recording, index) {
    const tool = (name, label, iconName, isDisabled, click) => h("button", { type: "button", class: "control", "aria-label": `${label}: ${recording.title}`, title: label, disabled: isDisabled, "data-focus-key": `${name}-${recording.id}`, on: { click } }, icon(iconName));
    const idsAfterMove = (step) => {
      const order = ids();
      order.splice(index + step, 0, ...order.splice(index, 1));
      return order;
    };
    const set = (order, message) => run(() => api.setCourseRecordings(id, order), message);
    return h(
      "div",
      { class: "entry-tools" },
      tool("up", t("Move up"), "up", index === 0, () => set(idsAfterMove(-1), t("Moved."))),
      tool("down", t("Move down"), "down", index === course.entries.length - 1, () => set(idsAfterMove(1), t("Moved."))),
      tool("remove", t("Take out of the course"), "close", false, () => set(ids().filter((each) => each !== recording.id), t("{title} was taken out.", { title: recording.title }))),
    );
  }

  function editCourse() {
    const fields = courseFields(course);
    formDialog(t("Edit the course"), {
      fields: fields.nodes,
      submitLabel: t("Save"),
      draft: `course.${id}`,
      async submit() {
        course = await api.editCourse(id, fields.values());
        show();
      },
    });
  }

  async function addRecordings() {
    const newIds = await pickRecordings(new Set(ids()));
    add.focus();
    if (newIds.length) await run(() => api.setCourseRecordings(id, [...ids(), ...newIds]), t("The recordings were added."));
  }

  async function deleteCourse() {
    if (!(await askFor(t("Delete this course?"), t("Delete"), { variant: "danger", text: t("Its recordings stay.") }))) return;
    try {
      await api.deleteCourse(id);
      location.assign(`${basePath}/courses`);
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  function showNotFound() {
    const text = h("p", {}, t("This course does not exist, or you may not see it."));
    replaceContent(node, backLink, h("section", { class: "card narrow", role: "alert" }, h("h1", {}, t("Not found")), text));
  }

  run(() => api.getCourse(id));
  return { node };
}
