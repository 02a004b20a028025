// Builders of elements. Functions that return an element, or a view { node, ... }, are named after it.
// Text becomes text nodes only, so user input is never parsed as markup.

import { serverText } from "../server_text.js";

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";

// Return an HTML element. `properties` are attributes, except `class` and `on`, which maps events to listeners; true means an empty value.
// Attributes that are undefined, null or false and children that are undefined, null or false are left out; arrays of children are flattened.
export function h(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "on") for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
    else if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : String(value));
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

export function svg(tag, attributes, ...children) {
  const node = document.createElementNS(SVG_NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  node.append(...children);
  return node;
}

// Replace the children of `node`. Falsy children are left out.
export function replaceContent(node, ...children) {
  node.replaceChildren(...children.flat().filter(Boolean));
}

const ICON_PATHS = {
  upload: ["M12 16V4", "M7 9l5-5 5 5", "M4 16v3a1 1 0 0 0 1 1h14a1 1 0 0 0 1-1v-3"],
  video: ["M3 6h18v12H3z", "M10 9.5v5l4.5-2.5z"],
  audio: ["M4 10v4", "M8 7v10", "M12 4v16", "M16 8v8", "M20 10.5v3"],
  download: ["M12 4v11", "M7.5 11l4.5 4.5 4.5-4.5", "M5 20h14"],
  play: ["M8 5v14l11-7z"],
  edit: ["M4 20h4L19 9l-4-4L4 16z", "M13 7l4 4"],
  delete: ["M5 7h14", "M9 7V4h6v3", "M7 7l1 13h8l1-13"],
  retry: ["M20 12a8 8 0 1 1-2.5-5.8", "M20 3v4.5h-4.5"],
  close: ["M6 6l12 12", "M18 6L6 18"],
  bell: ["M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 2h-15z", "M10 20.5a2.2 2.2 0 0 0 4 0"],
  link: ["M10 14a4 4 0 0 0 6 .4l3-3a4 4 0 0 0-5.7-5.7l-1.5 1.5", "M14 10a4 4 0 0 0-6-.4l-3 3a4 4 0 0 0 5.7 5.7l1.5-1.5"],
  list: ["M4 6.5h16", "M4 12h16", "M4 17.5h16"],
  search: ["M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13z", "M15.5 15.5L20 20"],
  back: ["M14 6l-6 6 6 6"],
  next: ["M10 6l6 6-6 6"],
  pause: ["M8.5 5v14", "M15.5 5v14"],
  back10: ["M11 6L6 11l5 5", "M6 11h8a5 5 0 0 1 0 10h-2"],
  forward10: ["M13 6l5 5-5 5", "M18 11h-8a5 5 0 0 0 0 10h2"],
  volume: ["M4 9.5v5h3.5L12 19V5L7.5 9.5z", "M15.5 9a4.5 4.5 0 0 1 0 6", "M18 6.5a8 8 0 0 1 0 11"],
  muted: ["M4 9.5v5h3.5L12 19V5L7.5 9.5z", "M16 9.5l5 5", "M21 9.5l-5 5"],
  captions: ["M3 5.5h18v13H3z", "M10.5 10.2a2.3 2.3 0 1 0 0 3.6", "M17.5 10.2a2.3 2.3 0 1 0 0 3.6"],
  picture: ["M3 5.5h18v13H3z", "M12.5 12h6v4.5h-6z"],
  fullscreen: ["M4 9V4h5", "M15 4h5v5", "M20 15v5h-5", "M9 20H4v-5"],
  settings: ["M4 7h9", "M17 7h3", "M15 5v4", "M4 17h3", "M11 17h9", "M9 15v4", "M4 12h5", "M13 12h7", "M11 10v4"],
  bookmark: ["M7 4h10v16l-5-4-5 4z"],
  view: ["M2.5 12s3.5-6 9.5-6 9.5 6 9.5 6-3.5 6-9.5 6-9.5-6-9.5-6z", "M12 9.5a2.5 2.5 0 1 1 0 5 2.5 2.5 0 0 1 0-5z"],
  menu: ["M12 5.5v.01", "M12 12v.01", "M12 18.5v.01"],
  user: ["M12 4a4 4 0 1 1 0 8 4 4 0 0 1 0-8z", "M4.5 20a7.5 7.5 0 0 1 15 0"],
  language: ["M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17z", "M3.5 12h17", "M12 3.5c5 5 5 12 0 17", "M12 3.5c-5 5-5 12 0 17"],
  signOut: ["M14 4H5v16h9", "M10 12h10", "M16.5 8.5L20 12l-3.5 3.5"],
  check: ["M5 12.5l4.5 4.5L19 7"],
  up: ["M12 19V5", "M6 11l6-6 6 6"],
  down: ["M12 5v14", "M6 13l6 6 6-6"],
  quote: ["M10 7H5v6h5zM10 13c0 2.5-1.5 4-4 4.5", "M19 7h-5v6h5zM19 13c0 2.5-1.5 4-4 4.5"],
  copy: ["M9 9h11v11H9z", "M15 9V4H4v11h5"],
  add: ["M12 5v14", "M5 12h14"],
  merge: ["M7 4v5l5 4 5-4V4", "M12 13v7", "M9 17l3 3 3-3"],
  split: ["M12 4v7", "M12 11l-5 4v5", "M12 11l5 4v5", "M4.5 17.5L7 20l2.5-2.5", "M14.5 17.5L17 20l2.5-2.5"],
  crop: ["M7 3v14h14", "M3 7h14v14"],
};

export function icon(name) {
  const paths = ICON_PATHS[name].map((d) => svg("path", { d }));
  return svg("svg", { viewBox: "0 0 24 24", class: "icon", "aria-hidden": "true", focusable: "false" }, ...paths);
}

// `variant`: a class of style.css, such as quiet, primary or danger.
export function button(label, { iconName, variant = "", ...properties } = {}) {
  return h("button", { type: "button", class: `button ${variant}`.trim(), ...properties }, iconName && icon(iconName), h("span", {}, label));
}

let fieldCount = 0;

// Return a label above its control. Screen readers read the hint with the control.
export function field(label, control, hint = "") {
  const id = `field-${++fieldCount}`;
  control.id = id;
  if (hint) control.setAttribute("aria-describedby", `${id}-hint`);
  return h("div", { class: "field" }, h("label", { for: id }, label), control, hint && h("p", { class: "hint", id: `${id}-hint` }, hint));
}

export function errorNote(error) {
  return h("div", { class: "note note-error", role: "alert" }, h("p", {}, serverText(error.message)), error.hint && h("p", { class: "hint" }, serverText(error.hint)));
}

export function statusNote(message) {
  return h("p", { class: "note", role: "status" }, message);
}

// Make screen readers read `text`, without a change on the screen.
export function announce(text) {
  const announcer = document.getElementById("announcer");
  if (announcer.textContent !== text) announcer.textContent = text;
}
