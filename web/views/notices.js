// The bell: how many notices are unread, and what they say.

import * as api from "../api.js";
import { announce, button, h, icon, problem, show } from "./dom.js";
import { day } from "./words.js";
import { root } from "../root.js";

const EVERY_MS = 20_000;
const SHOWN = 20;

export function noticeBell() {
  const count = h("span", { class: "bell-count", hidden: true });
  const bell = h("button", { type: "button", class: "button quiet bell", "aria-haspopup": "true", "aria-expanded": "false", on: { click: toggle } }, icon("bell"), count);
  const panel = h("section", { class: "card notices", "aria-label": "Notices", tabindex: -1, hidden: true });
  const node = h("div", { class: "bell-place" }, bell, panel);
  let unread = 0;
  let timer = setInterval(() => document.hidden || look().catch(() => {}), EVERY_MS);

  async function look() {
    const answer = await api.notices(SHOWN);
    if (answer.unread > unread) announce(answer.unread === 1 ? "One new notice." : `${answer.unread} new notices.`);
    unread = answer.unread;
    count.hidden = unread === 0;
    count.textContent = unread > 99 ? "99+" : String(unread);
    bell.setAttribute("aria-label", unread ? `Notices, ${unread} unread` : "Notices");
    if (!panel.hidden) list(answer.notices);
  }

  function list(notices) {
    const tools = h("div", { class: "row end" },
      button("Mark all read", { kind: "quiet", on: { click: () => attempt(api.readNotices) } }),
      button("Delete all", { kind: "quiet", on: { click: () => attempt(api.deleteNotices) } }));
    show(panel, notices.length ? [h("ul", {}, notices.map(row)), tools] : h("p", { class: "empty" }, "No notices."));
  }

  function row(notice) {
    const how = notice.kind === "succeeded" ? "is ready" : "could not be converted";
    const words = `${notice.title} ${how}`;
    const name = notice.recording_id
      ? h("a", { href: `${root}/watch/${encodeURIComponent(notice.recording_id)}`, on: { click: () => api.readNotice(notice.id).catch(() => {}) } }, words)
      : h("span", {}, words);
    const remove = h("button", { type: "button", class: "button quiet", "aria-label": `Delete notice: ${words}`, on: { click: () => attempt(() => api.deleteNotice(notice.id)) } }, icon("cross"));
    const told = h("div", { class: "notice-words" }, name, notice.text && h("p", { class: "hint" }, notice.text), h("p", { class: "meta" }, day(notice.created_at)));
    return h("li", { class: notice.read_at ? "notice" : "notice unread" }, told, remove);
  }

  async function attempt(work) {
    try {
      await work();
      await look();
      panel.focus();
    } catch (error) {
      panel.prepend(problem(error));
    }
  }

  async function toggle() {
    if (!panel.hidden) return close();
    panel.hidden = false;
    bell.setAttribute("aria-expanded", "true");
    await look().catch((error) => show(panel, problem(error)));
    panel.focus();
  }

  function close() {
    panel.hidden = true;
    bell.setAttribute("aria-expanded", "false");
  }

  function away(event) {
    if (!panel.hidden && !event.composedPath().includes(node)) close();
  }

  function escape(event) {
    if (event.key !== "Escape" || panel.hidden) return;
    close();
    bell.focus();
  }

  const soon = () => look().catch(() => {});
  document.addEventListener("click", away);
  document.addEventListener("keydown", escape);
  document.addEventListener("lectern:ended", soon);
  soon();
  return {
    node,
    destroy() {
      clearInterval(timer);
      timer = 0;
      document.removeEventListener("click", away);
      document.removeEventListener("keydown", escape);
      document.removeEventListener("lectern:ended", soon);
    },
  };
}
