// A list of the administration page: a search form, a table, and buttons to turn pages.

import { call } from "../../api.js";
import { t } from "../../i18n.js";
import { askFor } from "../dialogs.js";
import { announce, button, errorNote, h, replaceContent } from "../dom.js";

const PAGE_SIZE = 25;
const MAX_NARROW_COLUMNS = 5;

// `path` of the API, `filters`: named controls, `columns`: their headings, `row(item, actionButton, reload)` returns the cells of an item.
// `actionButton(label, question, method, path, body)` asks `question` (none if ""), sends the request and reloads the list.
// `isPaged`: the API returns pages. Return a promise of the element, after its first load; it has `reload()`.
export async function listView({ path, label, filters = [], columns, row, emptyText, isPaged = true }) {
  let page = 1;
  const rows = h("tbody");
  const messages = h("div");
  const head = h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col" }, column || h("span", { class: "visually-hidden" }, t("Actions"))))));
  const table = h("table", { class: columns.length > MAX_NARROW_COLUMNS ? "table wide" : "table" }, head, rows);
  const newerButton = button(t("Newer"), { variant: "quiet", on: { click: () => turnPage(-1) } });
  const olderButton = button(t("Older"), { variant: "quiet", on: { click: () => turnPage(1) } });
  const form = h("form", { class: "search-form", role: "search", "aria-label": label, on: { submit: search } }, filters, h("button", { class: "button" }, t("Search")));
  const scroll = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": t("{label}, table", { label }) }, table);
  const section = h("section", { "aria-label": label, tabindex: "-1" }, filters.length > 0 && form, scroll, messages, h("div", { class: "row" }, newerButton, olderButton));

  function search(event) {
    event.preventDefault();
    page = 1;
    load();
  }

  function turnPage(step) {
    page += step;
    load();
  }

  function actionButton(actionLabel, question, method, target, body) {
    const click = async () => {
      if (question && !(await askFor(question, actionLabel, { variant: method === "DELETE" ? "danger" : "primary" }))) return;
      try {
        await call(method, target, body);
        await load();
        announce(t("{action}: done.", { action: actionLabel }));
        if (document.activeElement === document.body) section.focus(); // the button was removed with its row
      } catch (error) {
        replaceContent(messages, errorNote(error));
      }
    };
    return button(actionLabel, { variant: "quiet", on: { click } });
  }

  async function load() {
    const query = new URLSearchParams({ ...Object.fromEntries(new FormData(form)), page, limit: PAGE_SIZE });
    try {
      const items = await call("GET", `${path}?${query}`);
      replaceContent(messages, !items.length && h("p", { class: "hint" }, emptyText));
      replaceContent(rows, items.map((item) => h("tr", {}, row(item, actionButton, load).map((content, index) => tableCell(content, columns[index])))));
      newerButton.hidden = page === 1;
      olderButton.hidden = !isPaged || items.length < PAGE_SIZE;
    } catch (error) {
      replaceContent(messages, errorNote(error));
    }
  }

  await load();
  section.reload = load;
  return section;
}

// On phones, rows are shown as blocks in which each cell has the heading of its column.
function tableCell(content, column) {
  const cell = content.tagName === "TD" ? content : h("td", {}, content);
  if (column) cell.dataset.label = column;
  return cell;
}

// `options`: label by value.
export function selectInput(name, label, options) {
  return h("select", { name, "aria-label": label }, Object.entries(options).map(([value, text]) => h("option", { value }, text)));
}

export function searchInput(name, label) {
  return h("input", { type: "search", name, placeholder: label, "aria-label": label });
}
