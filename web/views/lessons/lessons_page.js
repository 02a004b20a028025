// The lessons of the user: a form that asks for scripts, and the scripts, those of a request side by side.

import { t } from "../../i18n.js";
import * as api from "../../lessons_api.js";
import { coalesce } from "../../coalesce.js";
import { announce, button, errorNote, h, replaceContent } from "../dom.js";
import { newLessonForm } from "./new_lesson_form.js";
import { scriptCard } from "./script_card.js";

const PAGE_SIZE = 30;

export function lessonsPage({ events }) {
  const list = h("div", { class: "script-requests" });
  const messages = h("div", { class: "messages" });
  const footer = h("div", { class: "list-footer" });
  const form = newLessonForm({ onRequested });
  const heading = h("h2", { id: "scripts-title", tabindex: -1 }, t("Your scripts"));
  const cards = new Map(); // by the id of the script
  const groups = new Map(); // by the id of the request, or of a script without one
  const openRequests = new Set(); // those made while the page is open show their outlines
  let shownCount = PAGE_SIZE;

  const load = coalesce(async () => {
    const { scripts, total } = await api.listScripts(1, shownCount);
    show(scripts, total);
  });

  async function refresh() {
    try {
      await load();
      replaceContent(messages);
    } catch (error) {
      if (error.status !== 401) replaceContent(messages, errorNote(error));
    }
  }

  function show(scripts, total) {
    const ids = new Set(scripts.map((script) => script.id));
    for (const [id, card] of cards) {
      if (ids.has(id)) continue;
      card.node.remove();
      cards.delete(id);
    }
    for (const script of scripts) {
      const card = cards.get(script.id) ?? addCard(script);
      card.update(script);
    }
    for (const [id, group] of groups) {
      if (group.querySelector("article")) continue;
      group.remove();
      groups.delete(id);
    }
    const ordered = [...new Set(scripts.map(groupId))].map((id) => groups.get(id));
    ordered.forEach((group, index) => list.children[index] !== group && list.insertBefore(group, list.children[index] ?? null));
    const more = total > scripts.length && button(t("Show more scripts"), { on: { click: showMore } });
    replaceContent(footer, more, !total && h("p", { class: "empty-state" }, t("No scripts yet. Ask for one, and it appears here.")));
  }

  const groupId = (script) => script.request_id ?? script.id;

  function addCard(script) {
    const id = groupId(script);
    if (!groups.has(id)) groups.set(id, h("ul", { class: "script-request" }));
    const card = scriptCard(script, { isOpen: openRequests.has(id), onChanged: refresh });
    cards.set(script.id, card);
    groups.get(id).append(h("li", {}, card.node));
    return card;
  }

  function showMore() {
    shownCount += PAGE_SIZE;
    refresh();
  }

  async function onRequested({ request_id: requestId, scripts }) {
    openRequests.add(requestId ?? scripts[0].id);
    announce(t("The scripts are being written."));
    await refresh();
    cards.get(scripts[0].id)?.focus();
  }

  function onEvent(event) {
    const card = [...cards.values()].find((each) => each.jobId() === event.job_id);
    if (event.kind === "progress") card?.showProgress(event);
    else if (card || event.kind === "script_ready") refresh();
  }

  const unsubscribe = events.subscribe({ refresh, onEvent });
  const scripts = h("section", { class: "scripts", "aria-labelledby": "scripts-title" }, heading, messages, list, footer);
  return {
    node: h("div", { class: "lessons" }, h("h1", {}, t("Lessons")), form.node, scripts),
    destroy: unsubscribe,
  };
}
