"""Queue commands of admins and operators, recorded in the audit log."""

from __future__ import annotations

from database import transaction
from models import Job
from services.accounts import Caller
from services.jobs import queue
from services.jobs.queue import maintenance
from services.library import user_jobs
from services.operations import audit


def pause(caller: Caller | None, reason: str, *, operator: str = "") -> None:
    """Start no further job, on any machine. `operator` names who pauses the queue without an account, at the command line."""
    with transaction() as session:
        before = maintenance.current_pause(session)
        maintenance.pause_queue(reason, operator or (caller.email if caller else ""))
        audit.record(session, caller, "queue.pause", ("queue", ""), _pause_state(before), {"paused": True, "reason": reason})


def resume(caller: Caller | None, *, operator: str = "") -> bool:
    """Let jobs start again; return whether the queue was paused."""
    with transaction() as session:
        before = maintenance.current_pause(session)
        maintenance.resume_queue(operator or (caller.email if caller else ""))
        audit.record(session, caller, "queue.resume", ("queue", ""), _pause_state(before), {"paused": False})
    return before is not None


def _pause_state(pause: maintenance.Pause | None) -> dict[str, object]:
    return {"paused": True, "reason": pause.reason, "by": pause.paused_by} if pause else {"paused": False}


def set_priority(caller: Caller, job_id: str, priority: int) -> Job:
    """Set the priority of a job. Raises NotFound."""
    job = user_jobs.get_accessible_job(caller, job_id)
    with transaction() as session:
        before = {"priority": job.priority}
        queue.set_priority(job.id, priority)
        audit.record(session, caller, "job.priority", ("job", job.id), before, {"priority": priority})
    return user_jobs.get_accessible_job(caller, job_id)
