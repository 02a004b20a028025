// Lists of the admin page: a search form above, a table, and pages of it.

import { call } from "../../api.js";
import { announce, button, h, problem, show } from "../dom.js";

const LIMIT = 25;

export const size = (bytes) => {
  const unit = ["B", "KiB", "MiB", "GiB", "TiB"];
  const power = bytes ? Math.min(unit.length - 1, Math.floor(Math.log2(bytes) / 10)) : 0;
  return `${(bytes / 1024 ** power).toFixed(power ? 1 : 0)} ${unit[power]}`;
};

export const when = (iso) => (iso ? new Date(iso).toLocaleString() : "never");

// `path` of the API, `filters`: named controls, `heads`: words above the columns, `row(item, act)`: the cells of one item.
// `act(label, question, method, path, body)` is a button that asks, does it, and shows the list anew. `whole`: it has no pages.
export function listView({ path, label, filters = [], heads, row, empty, whole = false }) {
  let page = 1;
  const rows = h("tbody");
  const said = h("div");
  const table = h("table", { class: heads.length > 5 ? "table wide" : "table" }, h("thead", {}, h("tr", {}, heads.map((head) => h("th", { scope: "col" }, head)))), rows);
  const back = button("Newer", { kind: "quiet", on: { click: () => turn(-1) } });
  const forth = button("Older", { kind: "quiet", on: { click: () => turn(1) } });
  const form = h("form", { class: "find", role: "search", "aria-label": label, on: { submit: search } }, filters, h("button", { class: "button" }, "Search"));

  function search(event) {
    event.preventDefault();
    page = 1;
    load();
  }

  function turn(by) {
    page += by;
    load();
  }

  function act(words, question, method, target, body) {
    const clicked = async () => {
      if (question && !confirm(question)) return;
      try {
        await call(method, target, body);
        await load();
        announce(`${words}: done.`);
        if (document.activeElement === document.body) section.focus(); // the button went with its row
      } catch (error) {
        show(said, problem(error));
      }
    };
    return button(words, { kind: "quiet", on: { click: clicked } });
  }

  async function load() {
    const query = new URLSearchParams({ ...Object.fromEntries(new FormData(form)), page, limit: LIMIT });
    try {
      const found = await call("GET", `${path}?${query}`);
      show(said, !found.length && h("p", { class: "hint" }, empty));
      show(rows, found.map((item) => h("tr", {}, row(item, act).map((cell) => (cell.tagName === "TD" ? cell : h("td", {}, cell))))));
      back.hidden = page === 1;
      forth.hidden = whole || found.length < LIMIT;
    } catch (error) {
      show(said, problem(error));
    }
  }

  const scroll = h("div", { class: "scroll", tabindex: "0", role: "group", "aria-label": `${label}, table` }, table);
  const section = h("section", { "aria-label": label, tabindex: "-1" }, filters.length > 0 && form, scroll, said, h("div", { class: "row" }, back, forth));
  return load().then(() => section);
}

export function choice(name, label, options) {
  return h("select", { name, "aria-label": label }, Object.entries(options).map(([value, words]) => h("option", { value }, words)));
}

export const words = (name, label) => h("input", { type: "search", name, placeholder: label, "aria-label": label });
