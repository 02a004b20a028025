"""The queue and its jobs, for admins: pause, resume, show a job's log, change its priority."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from lib.clock import iso, now
from routes.caller import admin_required, caller
from routes.container import container
from routes.endpoints import Blueprint
from schemas.jobs import AdminJobOut, JobPatch, PauseIn, QueueOut, StuckTaskOut, StuckTasksOut
from services.jobs.queue.status import load_status
from services.library import user_jobs
from services.operations import queue as use_case

queue = Blueprint("admin_queue", __name__, scope="admin", tag="Admin")


class ResumedOut(QueueOut):
    was_paused: bool = Field(description="Whether the queue was paused before.")


@queue.get("/queue")
@admin_required
@queue.output(QueueOut)
def show_queue() -> Any:
    """Show the numbers of queued and running jobs, and whether the queue is paused."""
    return QueueOut.of(load_status())


@queue.post("/queue/pause")
@admin_required
@queue.input(PauseIn)
@queue.output(QueueOut)
def pause_queue(json_data: PauseIn) -> Any:
    """Start no further job, on any machine, until the queue is resumed; running jobs continue."""
    use_case.pause(caller(), json_data.reason)
    return QueueOut.of(load_status())


@queue.post("/queue/resume")
@admin_required
@queue.output(ResumedOut)
def resume_queue() -> Any:
    """Start queued jobs again."""
    was_paused = use_case.resume(caller())
    return ResumedOut(**QueueOut.of(load_status()).model_dump(), was_paused=was_paused)


@queue.get("/metrics/stuck-tasks")
@admin_required
@queue.output(StuckTasksOut)
def list_stuck_tasks() -> Any:
    """List the running jobs whose worker has stopped sending heartbeats; they are requeued within seconds."""
    tasks = [StuckTaskOut.of(job) for job in use_case.list_stuck()]
    return StuckTasksOut(stuck_tasks=tasks, count=len(tasks), timestamp=iso(now()))


@queue.get("/jobs/<job_id>")
@admin_required
@queue.output(AdminJobOut)
@queue.doc(responses={404: "Not found"})
def show_job(job_id: str) -> Any:
    """Show a job with the fields that only admins see: worker, attempts and the end of its log."""
    job = user_jobs.get_accessible_job(caller(), job_id)
    return AdminJobOut.of(job, container().queue_forecast.of(job))


@queue.patch("/jobs/<job_id>")
@admin_required
@queue.input(JobPatch)
@queue.output(AdminJobOut)
@queue.doc(responses={404: "Not found"})
def change_job(job_id: str, json_data: JobPatch) -> Any:
    """Change a job's priority; of queued jobs, those with a higher one start first."""
    job = use_case.set_priority(caller(), job_id, json_data.priority)
    return AdminJobOut.of(job, container().queue_forecast.of(job))
