"""Writes the events of jobs, in the transaction of the change that they report, and reads the stages that jobs have gone through."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from database import run_hooks, session
from domain import FINAL_STATES, JobState
from models import JobEvent
from services.jobs import notifications
from services.jobs.queue.topics import JOB_ENDED, JobEnded
from services.operations import error_log

_EVENT = insert(JobEvent.__table__)


def append(write_session: Session, job_id: str, user_id: str, kind: str, data: Mapping[str, Any]) -> None:
    """Add an event, and the notifications and the error report that it causes; at the end of a job, run the hooks."""
    write_session.flush()
    write_session.execute(_EVENT, {"job_id": job_id, "user_id": user_id, "kind": kind, "data": dict(data)})
    notifications.add_for_ended_job(write_session, job_id, user_id, kind)
    error_log.record_failed_attempt(write_session, job_id, kind)
    if kind in FINAL_STATES:
        run_hooks(JOB_ENDED, write_session, JobEnded(job_id, JobState(kind)))


def stages_seen(job_ids: Sequence[str]) -> dict[str, list[str]]:
    """Return the running stages (`slides + speech`) at each event of these jobs, over all attempts."""
    query = select(JobEvent.job_id, JobEvent.data).where(JobEvent.job_id.in_(job_ids)).order_by(JobEvent.id)
    stages_by_job: dict[str, list[str]] = {job_id: [] for job_id in job_ids}
    for row in session().execute(query) if job_ids else ():
        if row.data.get("stage"):
            stages_by_job[row.job_id].append(str(row.data["stage"]))
    return stages_by_job


def progress_data(stage: str, progress: float, seconds_left: float | None) -> dict[str, Any]:
    """Return the progress of a job as data of an event."""
    return {"stage": stage, "progress": round(progress, 1), "seconds_left": seconds_left}
