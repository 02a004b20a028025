"""Queue commands of admins and operators, recorded in the audit log."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from database import session, transaction
from domain import JobState
from lib.clock import now
from models import Job
from services.accounts import Caller
from services.jobs import queue
from services.jobs.queue import maintenance
from services.library import user_jobs
from services.operations import audit


def pause(caller: Caller | None, reason: str, *, operator: str = "") -> None:
    """Pause the queue: no machine starts another job. `operator` names who pauses the queue without an account, at the command line."""
    with transaction() as write_session:
        before = maintenance.current_pause(write_session)
        maintenance.pause_queue(reason, operator or (caller.email if caller else ""))
        audit.record(write_session, caller, "queue.pause", ("queue", ""), _pause_state(before), {"paused": True, "reason": reason})


def resume(caller: Caller | None, *, operator: str = "") -> bool:
    """Let jobs start again; return whether the queue was paused."""
    with transaction() as write_session:
        before = maintenance.current_pause(write_session)
        maintenance.resume_queue(operator or (caller.email if caller else ""))
        audit.record(write_session, caller, "queue.resume", ("queue", ""), _pause_state(before), {"paused": False})
    return before is not None


def list_stuck(limit: int = 100) -> Sequence[Job]:
    """Return the running jobs whose worker has stopped renewing the lease, longest first. They are requeued within seconds."""
    stuck = select(Job).where(Job.state == JobState.RUNNING, Job.lease_expires_at < now())
    return session().execute(stuck.order_by(Job.lease_expires_at).limit(limit)).scalars().all()


def _pause_state(pause: maintenance.Pause | None) -> dict[str, object]:
    return {"paused": True, "reason": pause.reason, "by": pause.paused_by} if pause else {"paused": False}


def set_priority(caller: Caller, job_id: str, priority: int) -> Job:
    """Set the priority of a job. Raises NotFound."""
    job = user_jobs.get_accessible_job(caller, job_id)
    with transaction() as write_session:
        before = {"priority": job.priority}
        queue.set_priority(job.id, priority)
        audit.record(write_session, caller, "job.priority", ("job", job.id), before, {"priority": priority})
    return user_jobs.get_accessible_job(caller, job_id)
