// Fields of scenes with a structure of their own: columns, diagrams, slides of recordings, labels on them, and quizzes.

import { t } from "../../i18n.js";
import { button, field, h, icon, replaceContent } from "../dom.js";
import { pictureUpload } from "../picture_upload.js";
import { recordingSelect } from "./recording_select.js";
import { pickSlide } from "./slide_picker.js";
import { splitLines } from "./text_fields.js";

const dispatchInput = (node) => node.dispatchEvent(new Event("input", { bubbles: true }));

function textInput(value, label, properties = {}) {
  const input = h("input", { type: "text", maxlength: 500, autocomplete: "off", "aria-label": label, ...properties });
  input.value = value;
  return input;
}

export function column(name, label) {
  return (content) => {
    const heading = textInput(content[name].heading, t("Heading"), { placeholder: t("Heading") });
    const items = h("textarea", { rows: 4, class: "text-field", "aria-label": t("Points"), required: true });
    items.value = content[name].items.join("\n");
    const node = h("fieldset", { class: "choices" }, h("legend", {}, label), heading, items);
    return { node, read: () => ({ [name]: { heading: heading.value, items: splitLines(items.value) } }) };
  };
}

// A list of entries that can be added and removed. `row(entry)` returns { node, read() }.
function entryList(label, entries, { row, create, addLabel, min = 0, max }) {
  const list = h("ul", { class: "entry-list" });
  const add = button(addLabel, { variant: "quiet", on: { click: () => change(() => rows.push(addRow(create()))) } });
  const rows = entries.map(addRow);

  function addRow(entry) {
    const view = row(entry);
    const remove = h("button", { type: "button", class: "control", "aria-label": t("Remove"), title: t("Remove"), on: { click: () => change(() => rows.splice(rows.indexOf(whole), 1)) } }, icon("close"));
    const whole = { read: view.read, node: h("li", {}, view.node, remove), remove };
    return whole;
  }

  function change(edit) {
    edit();
    show();
    dispatchInput(list);
  }

  function show() {
    replaceContent(list, rows.map((each) => each.node));
    for (const each of rows) each.remove.disabled = rows.length <= min;
    add.hidden = rows.length >= max;
  }

  show();
  return { node: h("fieldset", { class: "choices" }, h("legend", {}, label), list, h("div", { class: "row" }, add)), read: () => rows.map((each) => each.read()) };
}

export function diagram(content) {
  let lastNumber = 0;
  const freeId = () => {
    do lastNumber += 1;
    while (content.nodes.some((node) => node.id === `n${lastNumber}`));
    return `n${lastNumber}`;
  };
  const nodes = entryList(t("Boxes"), content.nodes, {
    min: 1,
    max: 12,
    addLabel: t("Add a box"),
    create: () => ({ id: freeId(), label: t("New box") }),
    row(node) {
      const input = textInput(node.label, t("Box"), { required: true });
      return { node: input, read: () => ({ id: node.id, label: input.value }) };
    },
  });
  const selectOf = (label, id) => {
    const select = h("select", { "aria-label": label });
    const fill = (chosen) => {
      replaceContent(select, nodes.read().map((node) => h("option", { value: node.id }, node.label)));
      select.value = chosen;
    };
    fill(id);
    select.addEventListener("focus", () => fill(select.value));
    return select;
  };
  const edges = entryList(t("Arrows"), content.edges ?? [], {
    max: 30,
    addLabel: t("Add an arrow"),
    create: () => ({ source: nodes.read()[0].id, target: nodes.read().at(-1).id, label: "" }),
    row(edge) {
      const [source, target] = [selectOf(t("From"), edge.source), selectOf(t("To"), edge.target)];
      const label = textInput(edge.label, t("Label of the arrow"), { placeholder: t("Label") });
      return { node: h("span", { class: "edge-row" }, source, h("span", { "aria-hidden": "true" }, "→"), target, label), read: () => ({ source: source.value, target: target.value, label: label.value }) };
    },
  });
  return {
    node: h("div", { class: "form" }, nodes.node, edges.node),
    read() {
      const ids = new Set(nodes.read().map((node) => node.id));
      return { nodes: nodes.read(), edges: edges.read().filter((edge) => ids.has(edge.source) && ids.has(edge.target)) };
    },
  };
}

export function slideSource(content) {
  let source = content.source ?? null;
  const text = h("p", { class: "hint" });
  const choose = button(t("Choose a slide"), { iconName: "picture", on: { click: pick } });
  const upload = pictureUpload(t("Upload a picture"), (fileId) => set({ image_id: fileId }));
  const node = h("div", { class: "field" }, h("span", { class: "strong" }, t("Slide or picture")), text, h("div", { class: "row" }, choose, upload.node), upload.messages);

  function show(title = "") {
    if (source?.image_id) text.textContent = t("An uploaded picture.");
    else text.textContent = source ? [title, t("Slide {number}", { number: source.slide })].filter(Boolean).join(", ") : t("No slide is chosen.");
  }

  async function pick() {
    const place = await pickSlide();
    choose.focus();
    if (!place) return;
    set({ recording_id: place.recording_id, slide: place.number }, place.recording_title);
  }

  function set(next, title = "") {
    source = next;
    show(title);
    dispatchInput(node);
  }

  show();
  return { node, read: () => (source ? { source } : {}) };
}
slideSource.fieldName = "source";

// A part of a recording: which one, from when to when, and whose sound is heard.
export function clipFields(content) {
  const recording = recordingSelect(content.recording_id ?? "", t("Choose a recording"), { isRequired: true });
  const [start, end] = [content.start_s ?? 0, content.end_s ?? 10].map((value) => {
    const input = h("input", { type: "number", min: 0, step: 0.1, required: true });
    input.value = value;
    return input;
  });
  const sound = h("select", {}, h("option", { value: "own" }, t("Its own, after the narration")), h("option", { value: "narration" }, t("The narration")));
  sound.value = content.sound ?? "own";
  const times = h("div", { class: "field-pair" }, field(t("From second"), start), field(t("To second"), end));
  return {
    node: h("div", { class: "form" }, field(t("Recording"), recording), times, field(t("Sound"), sound)),
    read: () => ({ recording_id: recording.value, start_s: Number(start.value), end_s: Number(end.value), sound: sound.value }),
  };
}

export function calloutList(content) {
  return mapped("callouts", entryList(t("Labels; their positions in percent of the picture, from the top left"), content.callouts, {
    min: 1,
    max: 8,
    addLabel: t("Add a label"),
    create: () => ({ x: 0.5, y: 0.5, text: t("Label") }),
    row(callout) {
      const text = textInput(callout.text, t("Label"), { required: true });
      const percent = (value, label) => {
        const input = h("input", { type: "number", min: 0, max: 100, step: 1, "aria-label": label, title: label });
        input.value = Math.round(value * 100);
        return input;
      };
      const [x, y] = [percent(callout.x, t("From the left, in percent")), percent(callout.y, t("From the top, in percent"))];
      const share = (input) => Math.min(1, Math.max(0, Number(input.value) / 100));
      return { node: h("span", { class: "callout-row" }, text, x, y), read: () => ({ x: share(x), y: share(y), text: text.value }) };
    },
  }));
}

let quizCount = 0;

export function quizOptions(content) {
  const group = `quiz-${++quizCount}`;
  const list = entryList(t("Answers; mark the right one"), content.options.map((text, index) => ({ text, isRight: index === content.answer })), {
    min: 2,
    max: 6,
    addLabel: t("Add an answer"),
    create: () => ({ text: t("Answer"), isRight: false }),
    row(option) {
      const isRight = h("input", { type: "radio", name: group, checked: option.isRight, "aria-label": t("This answer is right") });
      const text = textInput(option.text, t("Answer"), { required: true });
      return { node: h("span", { class: "quiz-row" }, isRight, text), read: () => ({ text: text.value, isRight: isRight.checked }) };
    },
  });
  return {
    node: list.node,
    read() {
      const options = list.read();
      return { options: options.map((each) => each.text), answer: Math.max(0, options.findIndex((each) => each.isRight)) };
    },
  };
}

const mapped = (name, view) => ({ node: view.node, read: () => ({ [name]: view.read() }) });

// The fields that every scene has.
export function commonFields(scene) {
  const narration = h("textarea", { rows: 5, maxlength: 10_000, class: "text-field" });
  narration.value = scene.narration;
  const chapter = h("input", { type: "text", maxlength: 500, autocomplete: "off" });
  chapter.value = scene.chapter;
  const voice = recordingSelect(scene.narration_id ?? "", t("The voice of the lesson"));
  const node = h(
    "div",
    { class: "form" },
    field(t("Narration"), narration, t("What the voice says. [pause 2s] is a pause.")),
    field(t("Spoken by"), voice, t("A recording in which you speak the narration of this scene yourself. Its transcript becomes the captions.")),
    field(t("Chapter that begins here (optional)"), chapter),
  );
  return { node, read: () => ({ narration: narration.value, chapter: chapter.value, narration_id: voice.value }) };
}
