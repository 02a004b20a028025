// What a job costs and how long it takes, before it is submitted.

import { call } from "./api.js";
import { formatTimeLeft } from "./format.js";
import { locale, t, tn } from "./i18n.js";

// `job`: { kind, options, project_id, recording_id, script_id, minutes }, see POST /api/v1/credits/quote.
export const quote = (job) => call("POST", "/api/v1/credits/quote", job);

// "It costs 3 credits at most (available: 13). It takes about 2 min."; "" if nothing is known.
export function quoteText({ credits, available, suffices, expected_duration_s: durationS }) {
  const price = tn("It costs {count} credit at most", "It costs {count} credits at most", credits);
  const rest = available !== null ? t("available: {count}", { count: available.toLocaleString(locale) }) : suffices ? t("another member pays") : t("another member pays, and has fewer");
  const duration = formatTimeLeft(durationS, { isDuration: true });
  return [credits > 0 && t("{price} ({rest}).", { price, rest }), duration && t("It takes {duration}.", { duration })].filter(Boolean).join(" ");
}
