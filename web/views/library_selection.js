// Several recordings of the library at once: they are chosen, then deleted, restored, opened to others or put into a course.

import * as api from "../api.js";
import { t, tn } from "../i18n.js";
import { askFor, formDialog } from "./dialogs.js";
import { announce, button, errorNote, field, h, replaceContent } from "./dom.js";
import { VISIBILITY_LABELS } from "./labels.js";

const MAX_COURSES = 100;

// `cards`: those in the document, by the recording's id; `loadAll()` resolves with all recordings of the list; `isTrash()`;
// `onChanged(recording)`; `onRemoved(ids)`: they left the list.
export function librarySelection({ cards, loadAll, isTrash, onChanged, onRemoved, onDone }) {
  const count = h("span", { class: "strong", "aria-live": "polite" });
  const messages = h("div", { class: "messages" });
  const all = button(t("Select all"), { variant: "quiet", on: { click: selectAll } });
  const visibility = h("select", { "aria-label": t("Who may watch them"), on: { change: changeVisibility } }, h("option", { value: "" }, t("Who may watch them")), Object.entries(VISIBILITY_LABELS).map(([value, label]) => h("option", { value }, label)));
  const course = button(t("Add to a course"), { iconName: "add", on: { click: addToCourse } });
  const restore = button(t("Restore"), { iconName: "retry", on: { click: restoreAll } });
  const remove = button(t("Delete"), { iconName: "delete", on: { click: deleteAll } });
  const doneButton = button(t("Done"), { variant: "quiet", on: { click: onDone } });
  const node = h("div", { class: "card selection-bar stack", role: "group", "aria-label": t("Selected recordings"), hidden: true }, h("div", { class: "row" }, count, all, visibility, course, restore, remove, doneButton), messages);
  let isOn = false;

  const selectedIds = new Set(); // ids of recordings

  function update() {
    const number = selectedIds.size;
    count.textContent = tn("{count} recording selected", "{count} recordings selected", number);
    visibility.hidden = course.hidden = isTrash();
    restore.hidden = !isTrash();
    for (const control of [visibility, course, restore, remove]) control.disabled = !number;
  }

  function choose(id, isChosen) {
    if (isChosen) selectedIds.add(id);
    else selectedIds.delete(id);
    cards.get(id)?.choose(isChosen);
  }

  function addTo(card) {
    const { id } = card.current();
    card.setSelectable(isOn, selectedIds.has(id), (isChosen) => {
      choose(id, isChosen);
      update();
    });
  }

  async function selectAll() {
    try {
      for (const { id } of await loadAll()) choose(id, true);
      update();
    } catch (error) {
      if (error.status !== 401) replaceContent(messages, errorNote(error));
    }
  }

  // Change the chosen recordings one after the other. What fails stays chosen.
  async function changeEach(change, message) {
    const ids = [...selectedIds];
    const changedIds = [];
    let failure = null;
    replaceContent(messages);
    for (const id of ids) {
      try {
        await change(id);
        choose(id, false);
        changedIds.push(id);
      } catch (error) {
        if (error.status === 401) return changedIds;
        failure = error;
      }
    }
    if (failure) replaceContent(messages, errorNote({ message: `${tn("{count} recording was not changed.", "{count} recordings were not changed.", ids.length - changedIds.length)} ${failure.message}`, hint: failure.hint }));
    else announce(message);
    update();
    return changedIds;
  }

  async function changeVisibility() {
    const { value } = visibility;
    visibility.value = "";
    if (value) await changeEach(async (id) => onChanged(await api.editRecording(id, { visibility: value })), t("Saved."));
  }

  async function deleteAll() {
    const isFinal = isTrash();
    const text = isFinal ? t("They and all their documents are deleted. This cannot be undone.") : t("They move to the trash, where they can be restored for some time. A server that keeps no trash deletes them at once.");
    const number = selectedIds.size;
    if (!(await askFor(tn("Delete {count} recording?", "Delete {count} recordings?", number), t("Delete"), { variant: "danger", text }))) return;
    onRemoved(await changeEach((id) => api.deleteRecording(id, isFinal), t("Deleted.")));
    update();
  }

  async function restoreAll() {
    onRemoved(await changeEach((id) => api.restoreRecording(id), t("Restored.")));
    update();
  }

  async function addToCourse() {
    const courses = await import("../courses_api.js");
    try {
      const { courses: own } = await courses.listCourses("own", 1, MAX_COURSES);
      if (!own.length) return replaceContent(messages, h("p", { class: "note" }, t("You have no courses yet. Create one on the courses page first.")));
      showCourses(own, courses);
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  function showCourses(own, courses) {
    const select = h("select", { name: "course" }, own.map(({ id, title }) => h("option", { value: id }, title)));
    formDialog(t("Add to a course"), {
      fields: [field(t("Course"), select)],
      submitLabel: t("Add"),
      async submit(values) {
        const { entries } = await courses.getCourse(values.course);
        const present = entries.map(({ recording }) => recording.id);
        await courses.setCourseRecordings(values.course, [...new Set([...present, ...selectedIds])]);
        announce(t("The recordings were added."));
      },
    });
  }

  return {
    node,
    isOn: () => isOn,
    show(next) {
      isOn = next;
      node.hidden = !isOn;
      selectedIds.clear();
      for (const card of cards.values()) addTo(card);
      replaceContent(messages);
      update();
    },
    addTo: (card) => isOn && addTo(card),
    // The list shows others: none of them is selected.
    clear() {
      for (const id of [...selectedIds]) choose(id, false);
      update();
    },
    forget: (id) => choose(id, false),
    update,
  };
}
