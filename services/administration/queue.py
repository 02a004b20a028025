"""What admins may do to the queue; each act is noted in the audit log."""

from __future__ import annotations

from database import transaction
from models import Job
from services import audit, jobs_of
from services.accounts import Caller
from services.jobs import maintenance, queue


def pause(caller: Caller, reason: str) -> None:
    """Begin no further job, on any machine."""
    with transaction() as writing:
        maintenance.pause(reason, caller.email)
        audit.note(writing, caller, "queue.pause", ("queue", ""), None, {"reason": reason})


def resume(caller: Caller) -> bool:
    """Let jobs begin again; -> whether it was paused."""
    with transaction() as writing:
        was = maintenance.resume(caller.email)
        audit.note(writing, caller, "queue.resume", ("queue", ""), {"paused": was}, {"paused": False})
    return was


def set_priority(caller: Caller, job_id: str, priority: int) -> Job:
    """Raises NotFound."""
    job = jobs_of.owned(caller, job_id)
    with transaction() as writing:
        before = {"priority": job.priority}
        queue.set_priority(job.id, priority)
        audit.note(writing, caller, "job.priority", ("job", job.id), before, {"priority": priority})
    return jobs_of.owned(caller, job_id)
