// What jobs cost, in credits.

import { call } from "../../api.js";
import { locale, t } from "../../i18n.js";
import { errorNote, h, replaceContent } from "../dom.js";
import { JOB_LABELS } from "../labels.js";

const START = "start";

export function pricesPart() {
  const list = h("div", { class: "stack", "aria-live": "polite" });
  const node = h("details", { class: "advanced", on: { toggle: () => node.open && show() } }, h("summary", {}, t("What jobs cost")), list);

  async function show() {
    try {
      const { prices } = await call("GET", "/api/v1/credits/prices");
      const kinds = [...new Set(Object.keys(prices).map((name) => name.split(".")[0]))];
      replaceContent(list, h("ul", { class: "rows" }, kinds.map((kind) => row(kind, prices))), h("p", { class: "hint" }, t("In whole credits, rounded up. Everything else is free.")));
    } catch (error) {
      replaceContent(list, errorNote(error));
    }
  }

  return node;
}

function row(kind, prices) {
  const formatPrice = (name) => prices[name].toLocaleString(locale);
  const options = Object.keys(prices).filter((name) => name.startsWith(`${kind}.`) && name !== `${kind}.${START}`);
  const texts = [
    prices[kind] && t("{count} for each minute", { count: formatPrice(kind) }),
    prices[`${kind}.${START}`] && t("{count} for each job", { count: formatPrice(`${kind}.${START}`) }),
    ...options.map((name) => t("{count} more for each minute with {option}", { count: formatPrice(name), option: optionLabel(name.split(".")[1]) })),
  ];
  return h("li", {}, h("div", { class: "row-text" }, h("p", {}, JOB_LABELS[kind] ?? kind), h("p", { class: "meta" }, texts.filter(Boolean).join(" · "))));
}

const optionLabel = (name) => (name === "proofread" ? t("proofreading") : name === "translate" ? t("translation") : name);
