// One recording to watch, beside the documents made from it. Links in documents lead here.

import * as api from "../api.js";
import { h, icon, problem, show } from "./dom.js";
import { jobStatus } from "./job_status.js";
import { player } from "./player.js";
import { poller } from "./poll.js";
import { active, bytes, clock, day } from "./words.js";
import { root } from "../root.js";

export function watchView(id) {
  const stage = h("div", { class: "watch-stage" }, h("div", { class: "screen" }));
  const title = h("h1", { class: "watch-title", tabindex: -1 }, "\u00a0");
  const meta = h("p", { class: "meta" }, "\u00a0");
  const said = h("div", { class: "said" });
  const attempt = (work) => work().then(() => (show(said), polling.wake()), (error) => show(said, problem(error)));
  const status = jobStatus({ cancel: (job) => attempt(() => api.cancelJob(job.id)), retry: (job) => attempt(() => api.retryJob(job.id)) });
  const back = h("a", { class: "back", href: `${root}/` }, icon("back"), h("span", {}, "All recordings"));
  const aside = h("aside", { class: "card watch-aside", "aria-label": "Documents" }, h("h2", {}, "Documents"), status.node);
  const node = h("div", { class: "watch" }, back, h("div", { class: "watch-head" }, title, meta), said, stage, aside);
  let playing = null;

  async function look() {
    const recording = await api.recording(id).catch((error) => {
      if (error.status !== 404) throw error;
      show(node, back, h("section", { class: "card narrow", role: "alert" }, h("h1", {}, "Not found"), h("p", {}, "There is no such recording, or it is not yours.")));
      return null;
    });
    if (!recording) return false;
    document.title = `${recording.title} · Lectern`;
    title.textContent = recording.title;
    meta.textContent = [day(recording.created_at), clock(recording.duration_s), bytes(recording.size_bytes), recording.filename].join(" · ");
    if (!playing) {
      playing = player(recording);
      show(stage, playing.node);
    }
    status.update(recording);
    return active(recording.job);
  }

  const polling = poller(look, (error) => show(said, error && problem(error)));
  polling.wake();
  return {
    node,
    destroy() {
      polling.end();
      playing?.destroy();
    },
  };
}
