// Buttons of the player: an icon with a name for screen readers and as a tooltip.

import { h, icon } from "./dom.js";

export function controlButton(iconName, label, click) {
  return h("button", { type: "button", class: "control", "aria-label": label, title: label, on: { click } }, icon(iconName));
}

// Hidden on phones, which have buttons for the volume and little room.
export function optional(control) {
  if (control) control.classList.add("optional");
  return control;
}

export function setIcon(control, iconName, label) {
  control.replaceChildren(icon(iconName));
  control.setAttribute("aria-label", label);
  control.title = label;
}
