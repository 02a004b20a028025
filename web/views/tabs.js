// Tabs above panels (https://www.w3.org/WAI/ARIA/apg/patterns/tabs/): arrow keys move between them, the Tab key leads into the panel.

import { h } from "./dom.js";

let tabListCount = 0;

// `panels`: { name: { label, node, show() } }; `show` is optional and runs each time the panel is shown.
export function tabs(label, panels) {
  const prefix = `tabs-${++tabListCount}`;
  const names = Object.keys(panels);
  const buttons = new Map(names.map((name) => [name, tabButton(name)]));
  const list = h("div", { class: "tab-list", role: "tablist", "aria-label": label }, [...buttons.values()]);
  let selectedName = "";

  for (const name of names) {
    const { node } = panels[name];
    node.id = `${prefix}-${name}`;
    node.setAttribute("role", "tabpanel");
    node.setAttribute("aria-labelledby", `${prefix}-${name}-tab`);
    node.hidden = true;
  }

  function tabButton(name) {
    const properties = { role: "tab", type: "button", id: `${prefix}-${name}-tab`, "aria-controls": `${prefix}-${name}`, "aria-selected": "false", tabindex: -1 };
    return h("button", { ...properties, class: "tab", on: { click: () => select(name) } }, panels[name].label);
  }

  function select(name) {
    if (name === selectedName) return;
    for (const each of names) {
      const isSelected = each === name;
      buttons.get(each).setAttribute("aria-selected", String(isSelected));
      buttons.get(each).tabIndex = isSelected ? 0 : -1;
      panels[each].node.hidden = !isSelected;
    }
    selectedName = name;
    panels[name].show?.();
  }

  list.addEventListener("keydown", (event) => {
    const visible = names.filter((name) => !buttons.get(name).hidden);
    const index = visible.indexOf(selectedName);
    const next = { ArrowRight: index + 1, ArrowLeft: index - 1, Home: 0, End: visible.length - 1 }[event.key];
    if (next === undefined) return;
    event.preventDefault();
    const name = visible[(next + visible.length) % visible.length];
    select(name);
    buttons.get(name).focus();
  });
  select(names[0]);
  return {
    node: list,
    select,
    selected: () => selectedName,
    setVisible(name, isVisible) {
      buttons.get(name).hidden = !isVisible;
      if (!isVisible && selectedName === name) select(names[0]);
    },
  };
}
