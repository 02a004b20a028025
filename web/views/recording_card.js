// One recording in the list.

import * as api from "../api.js";
import { button, h, icon, problem, show } from "./dom.js";
import { askForTitle, askToDelete } from "./dialogs.js";
import { jobStatus } from "./job_status.js";
import { bytes, clock, day, STATES } from "./words.js";
import { root } from "../root.js";

// `changed(recording)` when this card changed it, `removed(id)` when it deleted it.
export function recordingCard(first, { changed, removed }) {
  let recording = first;
  const key = `recording-${first.id}`;
  const title = h("h3", { id: key, tabindex: -1 });
  const meta = h("p", { class: "meta" });
  const state = h("span", { class: "state" });
  const said = h("div", { class: "said" });
  const status = jobStatus({
    cancel: (job) => attempt(async () => changed({ ...recording, job: await api.cancelJob(job.id) })),
    retry: (job) => attempt(async () => changed({ ...recording, job: await api.retryJob(job.id) })),
  });
  const watch = h("a", { class: "button quiet", href: `${root}/watch/${encodeURIComponent(first.id)}` }, icon("play"), h("span", {}, "Watch"));
  const rename = button("Rename", { symbol: "pen", kind: "quiet", on: { click: askName } });
  const remove = button("Delete", { symbol: "bin", kind: "quiet", on: { click: askDelete } });
  const head = h("div", { class: "recording-head" }, h("span", { class: "tile" }, icon(first.media.video ? "video" : "audio")), h("div", { class: "recording-title" }, title, meta), state);
  const node = h(
    "li",
    { class: "card recording" },
    h("article", { "aria-labelledby": key }, head, said, status.node, h("div", { class: "row actions" }, watch, rename, remove)),
  );

  async function attempt(work) {
    show(said);
    try {
      await work();
    } catch (error) {
      show(said, problem(error));
    }
  }

  async function askName() {
    const wanted = await askForTitle(recording.title);
    if (wanted && wanted !== recording.title) await attempt(async () => changed(await api.rename(recording.id, wanted)));
  }

  async function askDelete() {
    if (!(await askToDelete(recording.title))) return;
    await attempt(async () => {
      await api.remove(recording.id);
      removed(recording);
    });
  }

  function update(newer) {
    recording = newer;
    const focused = status.node.contains(document.activeElement);
    title.textContent = newer.title;
    meta.textContent = [day(newer.created_at), clock(newer.duration_s), bytes(newer.size_bytes), newer.filename].join(" · ");
    const name = newer.job?.state ?? "";
    state.textContent = STATES[name] ?? name;
    state.className = `state state-${name}`;
    for (const [each, does] of [[watch, "Watch"], [rename, "Rename"], [remove, "Delete"]]) each.setAttribute("aria-label", `${does} ${newer.title}`);
    status.update(newer);
    if (focused && !status.node.contains(document.activeElement)) title.focus({ preventScroll: true }); // its button has gone
  }

  update(first);
  return { node, update, focus: () => title.focus(), current: () => recording };
}
