// The bell in the header: the number of unread notices, and the list of notices.

import * as api from "../api.js";
import { basePath } from "../base_path.js";
import { coalesce } from "../coalesce.js";
import { formatDate } from "../format.js";
import { t, tn } from "../i18n.js";
import { isFinalEvent } from "../job_state.js";
import { serverText } from "../server_text.js";
import { announce, button, errorNote, h, icon, replaceContent } from "./dom.js";

const MAX_NOTICES = 20;
const SUMMARIES = {
  succeeded: (title) => t("{title} is ready", { title }),
  failed: (title) => t("{title} could not be converted", { title }),
  "youtube_publishing.succeeded": (title) => t("{title} is on YouTube", { title }),
  "youtube_publishing.failed": (title) => t("{title} could not be published on YouTube", { title }),
  "lesson.succeeded": (title) => t("{title} is ready as a video", { title }),
  "lesson.failed": (title) => t("{title} could not be made into a video", { title }),
  test: (title) => title,
  project_invitation: (title) => t("You are invited to the project {title}", { title }),
};
const CHANGED = "lectern-notices-changed";

// Mark the notices of a recording as read, as its page shows what they say.
export async function markNoticesOf(recordingId) {
  const { notices } = await api.listNotices(MAX_NOTICES);
  const unread = notices.filter((notice) => notice.recording_id === recordingId && !notice.read_at);
  await Promise.all(unread.map((notice) => api.markNoticeRead(notice.id)));
  if (unread.length) window.dispatchEvent(new Event(CHANGED));
}

export function noticeBell(events) {
  const badge = h("span", { class: "bell-badge", hidden: true });
  const bell = h("button", { type: "button", class: "button quiet bell-button", "aria-label": t("Notices"), "aria-haspopup": "true", "aria-expanded": "false", on: { click: toggle } }, icon("bell"), badge);
  const panel = h("section", { class: "card notices", "aria-label": t("Notices"), tabindex: -1, hidden: true });
  const node = h("div", { class: "notice-bell" }, bell, panel);
  let unread = 0;

  const load = coalesce(async () => {
    const payload = await api.listNotices(MAX_NOTICES);
    if (payload.unread > unread) announce(tn("{count} unread notice.", "{count} unread notices.", payload.unread));
    unread = payload.unread;
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? "99+" : String(unread);
    bell.setAttribute("aria-label", unread ? t("Notices, {unread} unread", { unread }) : t("Notices"));
    if (!panel.hidden) renderNotices(payload.notices);
  });

  function renderNotices(notices) {
    const tools = h("div", { class: "row end" },
      button(t("Mark all as read"), { variant: "quiet", on: { click: () => act(api.markAllNoticesRead) } }),
      button(t("Delete all"), { variant: "quiet", on: { click: () => act(api.deleteAllNotices) } }));
    replaceContent(panel, notices.length ? [h("ul", {}, notices.map(noticeRow)), tools] : h("p", { class: "empty-state" }, t("No notices.")));
  }

  function noticeRow(notice) {
    const summary = (SUMMARIES[`${notice.pipeline}.${notice.kind}`] ?? SUMMARIES[notice.kind] ?? SUMMARIES.test)(notice.title);
    const page = notice.recording_id ? api.watchUrl(notice.recording_id) : notice.project_id ? `${basePath}/projects` : "";
    const heading = page
      ? h("a", { href: page, on: { click: () => api.markNoticeRead(notice.id).catch(() => {}) } }, summary)
      : h("span", {}, summary);
    const deleteButton = h("button", { type: "button", class: "button quiet", "aria-label": t("Delete notice: {summary}", { summary }), on: { click: () => act(() => api.deleteNotice(notice.id)) } }, icon("close"));
    const text = h("div", { class: "notice-text" }, heading, notice.text && h("p", { class: "hint" }, serverText(notice.text)), h("p", { class: "meta" }, formatDate(notice.created_at)));
    return h("li", { class: notice.read_at ? "notice" : "notice unread" }, text, deleteButton);
  }

  async function act(change) {
    try {
      await change();
      await load();
      panel.focus();
    } catch (error) {
      panel.prepend(errorNote(error));
    }
  }

  async function toggle() {
    if (!panel.hidden) return close();
    panel.hidden = false;
    bell.setAttribute("aria-expanded", "true");
    await load().catch((error) => replaceContent(panel, errorNote(error)));
    panel.focus();
  }

  function close() {
    panel.hidden = true;
    bell.setAttribute("aria-expanded", "false");
  }

  function closeOnOutsideClick(event) {
    if (!panel.hidden && !event.composedPath().includes(node)) close();
  }

  function closeOnEscape(event) {
    if (event.key !== "Escape" || panel.hidden) return;
    close();
    bell.focus();
  }

  document.addEventListener("click", closeOnOutsideClick);
  document.addEventListener("keydown", closeOnEscape);
  const refresh = () => load().catch(() => {}); // the views show errors of the connection
  window.addEventListener(CHANGED, refresh);
  const unsubscribe = events.subscribe({ refresh, onEvent: (event) => isFinalEvent(event) && refresh() });
  return {
    node,
    destroy() {
      unsubscribe();
      window.removeEventListener(CHANGED, refresh);
      document.removeEventListener("click", closeOnOutsideClick);
      document.removeEventListener("keydown", closeOnEscape);
    },
  };
}
