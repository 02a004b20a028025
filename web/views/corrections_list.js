// The corrections of proofreading that nobody has reviewed yet, to accept or reject.

import { formatDuration } from "../format.js";
import { t, tn } from "../i18n.js";
import { announce, button, h, replaceContent } from "./dom.js";

const MAX_SHOWN = 100;
const REASON_LABELS = {
  spacing: t("spacing"),
  filler: t("filler word"),
  stutter: t("repeated word"),
  glossary: t("glossary"),
  term: t("spelled as elsewhere"),
  slide: t("as on the slide"),
  capital: t("capital letter"),
  punctuation: t("punctuation"),
  spelling: t("spelling"),
  wording: t("wording"),
  deletion: t("deletion"),
  heading: t("heading"),
  paragraph: t("paragraph"),
  style: t("style"),
  no_speech: t("no speech"),
  log_probability: t("unlikely words"),
  too_fast: t("faster than speech"),
  wrong_script: t("letters of another language"),
  compression_ratio: t("repeats itself"),
};


// `transcript`: see ../transcript.js; `queue(action)` runs an action after the edits before it; `run(edit, message)` runs an edit and shows it; `seek(timeS)`.
export function correctionsList(transcript, { queue, run, seek, showMessage }) {
  const summary = h("summary", {}, t("Proofreading"));
  const list = h("ul", { class: "correction-items" });
  const more = h("p", { class: "hint", hidden: true });
  const findButton = button(t("Find corrections"), { on: { click: find } });
  const acceptAllButton = button(t("Accept all"), { on: { click: () => decideAll("accept") } });
  const rejectAllButton = button(t("Reject all"), { variant: "quiet", on: { click: () => decideAll("reject") } });
  const hint = h("p", { class: "hint" }, t("Repeated words, spacing, capital letters, terms of your glossary and slides. The text changes when you accept."));
  const node = h("details", { class: "corrections" }, summary, h("div", { class: "stack" }, hint, h("div", { class: "row" }, findButton, acceptAllButton, rejectAllButton), list, more));

  let isLooking = false;

  async function refresh() {
    const { corrections, total } = await transcript.listCorrections(MAX_SHOWN);
    if (isLooking) showMessage(total ? tn("{count} correction found.", "{count} corrections found.", total) : t("No corrections were found."));
    isLooking = false;
    summary.textContent = total ? tn("Proofreading: {count} correction to review", "Proofreading: {count} corrections to review", total) : t("Proofreading");
    for (const each of [acceptAllButton, rejectAllButton]) each.hidden = !total;
    more.hidden = total <= corrections.length;
    more.textContent = t("{count} more follow.", { count: total - corrections.length });
    replaceContent(list, corrections.map(correctionItem));
  }

  function correctionItem(correction) {
    const time = formatDuration(correction.start_s);
    const change = h("p", { class: "correction-text", dir: "auto" },
      correction.before && h("del", {}, correction.before), " ", correction.after && h("ins", {}, correction.after), " ", h("span", { class: "hint" }, reasonText(correction.reason)));
    return h("li", {},
      h("button", { type: "button", class: "segment-time", "aria-label": t("Play from {time}", { time }), on: { click: () => seek(correction.start_s) } }, time),
      change,
      h("div", { class: "correction-decision" },
        button(t("Accept"), { variant: "quiet", on: { click: () => decide(correction, "accept") } }),
        button(t("Reject"), { variant: "quiet", on: { click: () => decide(correction, "reject") } })));
  }

  async function decide(correction, decision) {
    await run(() => transcript.decide(correction, decision), decision === "accept" ? t("Accepted.") : t("Rejected."));
    await refresh().catch(() => {});
    (list.querySelector("button") ?? summary).focus();
  }

  async function decideAll(decision) {
    await run(() => transcript.decideAll(decision), decision === "accept" ? t("All accepted.") : t("All rejected."));
    await refresh().catch(() => {});
    summary.focus();
  }

  async function find() {
    findButton.disabled = true;
    try {
      await queue(() => transcript.proofread());
      isLooking = true;
      showMessage(t("Looking for corrections. They appear here in a moment."));
      announce(t("Looking for corrections."));
    } catch (error) {
      showMessage(error);
    } finally {
      findButton.disabled = false;
    }
  }

  return { node, refresh };
}

const reasonText = (reasons) => reasons.split(", ").map((reason) => REASON_LABELS[reason] ?? reason).join(", ");
