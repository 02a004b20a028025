// Fields of tables and charts: a grid of cells whose rows and columns can be added and removed.

import { t } from "../../i18n.js";
import { button, h, replaceContent } from "../dom.js";

// `cells`: rows of texts, the first one is the head. Return { node, read() }.
function gridField(label, cells, { cornerIsFixed = false, maxRows, maxColumns }) {
  let rows = cells.map((row) => [...row]);
  const table = h("table", { class: "grid-field" });
  const addRow = button(t("Add a row"), { variant: "quiet", on: { click: () => change(() => rows.push(rows[0].map(() => ""))) } });
  const addColumn = button(t("Add a column"), { variant: "quiet", on: { click: () => change(() => rows.forEach((row) => row.push(""))) } });
  const removeRow = button(t("Remove the last row"), { variant: "quiet", on: { click: () => change(() => rows.pop()) } });
  const removeColumn = button(t("Remove the last column"), { variant: "quiet", on: { click: () => change(() => rows.forEach((row) => row.pop())) } });

  function change(edit) {
    edit();
    show();
    table.dispatchEvent(new Event("input", { bubbles: true }));
  }

  function cell(rowIndex, columnIndex) {
    const isHead = rowIndex === 0;
    if (cornerIsFixed && isHead && columnIndex === 0) return h("td", {});
    const input = h("input", { type: "text", maxlength: 500, autocomplete: "off", "aria-label": t("Row {row}, column {column}", { row: rowIndex + 1, column: columnIndex + 1 }) });
    input.value = rows[rowIndex][columnIndex];
    input.addEventListener("input", () => {
      rows[rowIndex][columnIndex] = input.value;
    });
    return h(isHead ? "th" : "td", {}, input);
  }

  function show() {
    replaceContent(table, rows.map((row, rowIndex) => h("tr", {}, row.map((_, columnIndex) => cell(rowIndex, columnIndex)))));
    addRow.hidden = rows.length > maxRows;
    addColumn.hidden = rows[0].length >= maxColumns;
    removeRow.hidden = rows.length <= 2;
    removeColumn.hidden = rows[0].length <= (cornerIsFixed ? 2 : 1);
  }

  show();
  const tools = h("div", { class: "row" }, addRow, addColumn, removeRow, removeColumn);
  return { node: h("fieldset", { class: "choices" }, h("legend", {}, label), h("div", { class: "grid-scroll" }, table), tools), read: () => rows };
}

export function tableGrid(content) {
  const grid = gridField(t("Cells; the first row is the head"), [content.columns, ...content.rows], { maxRows: 15, maxColumns: 8 });
  return {
    node: grid.node,
    read() {
      const [columns, ...rows] = grid.read();
      return { columns, rows };
    },
  };
}

// The first column has the labels, every other one a series.
export function chartGrid(content) {
  const head = ["", ...content.series.map((series) => series.name)];
  const rows = content.labels.map((label, index) => [label, ...content.series.map((series) => String(series.values[index]))]);
  const grid = gridField(t("Values; the first column has the labels, the first row names the series"), [head, ...rows], { cornerIsFixed: true, maxRows: 30, maxColumns: 7 });
  return {
    node: grid.node,
    read() {
      const [[, ...names], ...values] = grid.read();
      const series = names.map((name, index) => ({ name, values: values.map((row) => numberOf(row[index + 1])) }));
      return { labels: values.map((row) => row[0]), series };
    },
  };
}

// "1,5" and "1.5" -> 1.5, "" -> 0
function numberOf(text) {
  const value = Number(text.trim().replace(",", "."));
  return Number.isFinite(value) ? value : 0;
}
