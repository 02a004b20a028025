// States of jobs, and how events change them.

const ACTIVE_STATES = ["queued", "running", "cancelling"];
export const FINAL_STATES = ["succeeded", "failed", "cancelled"];

export const isActive = (job) => Boolean(job) && ACTIVE_STATES.includes(job.state);

export const isFinalEvent = (event) => FINAL_STATES.includes(event.kind);

// Return the recording after the event of one of its jobs, or null if it has to be loaded again.
export function applyEvent(recording, event) {
  const { job } = recording;
  const isProgress = event.kind === "progress";
  if (event.job_id !== job?.id) return isProgress ? recording : null;
  if (isFinalEvent(event) || event.kind === "documents_ready") return null;
  if (isProgress && !isActive(job)) return recording; // sent before the job ended
  const error = event.kind === "retrying" ? { code: event.code, message: event.message, hint: event.hint } : job.error;
  const progress = event.progress ?? job.progress;
  return { ...recording, job: { ...job, state: event.state, stage: event.stage, progress, seconds_left: event.seconds_left, error } };
}
