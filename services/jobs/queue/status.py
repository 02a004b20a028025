"""The numbers of queued and running jobs, and the pause of the queue."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select

from database import end_read, session
from domain import JobState
from lib.clock import now
from models import Job
from services.jobs.queue.maintenance import Pause, current_pause


@dataclass(frozen=True)
class QueueStatus:
    """`waiting` counts queued jobs by lane; `oldest_wait_s` is how long the oldest of them has waited."""

    pause: Pause | None
    waiting: dict[str, int]
    running: int
    oldest_wait_s: float


def load_status() -> QueueStatus:
    """Return the status of the queue, counted over all jobs."""
    end_read()
    counts = session().execute(
        select(Job.state, Job.lane, func.count().label("number"), func.min(Job.queued_at).label("oldest"))
        .where(Job.state.in_((JobState.QUEUED, JobState.RUNNING)))
        .group_by(Job.state, Job.lane)
    )
    waiting_counts, running_count, oldest = {"short": 0, "long": 0}, 0, now()
    for row in counts:
        if row.state == JobState.RUNNING:
            running_count += row.number
        else:
            waiting_counts[row.lane] = row.number
            oldest = min(oldest, row.oldest)
    return QueueStatus(current_pause(session()), waiting_counts, running_count, round((now() - oldest).total_seconds(), 1))
