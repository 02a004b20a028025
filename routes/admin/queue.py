"""The queue and single jobs, for admins: pause, resume, look into a job's log, change its turn."""

from __future__ import annotations

from typing import Any

from pydantic import Field

from routes.caller import admins_only, caller
from routes.container import container
from routes.endpoints import Blueprint
from schemas.jobs import AdminJobOut, JobPatch, PauseIn, QueueOut
from services.jobs.queue import maintenance
from services.library import user_jobs
from services.operations import queue as administration

queue = Blueprint("admin_queue", __name__, scope="admin", tag="Admin")


class ResumedOut(QueueOut):
    was_paused: bool = Field(description="Whether it was paused before.")


@queue.get("/queue")
@admins_only
@queue.output(QueueOut)
def show_queue() -> Any:
    """How many jobs wait and run, and whether the queue is paused."""
    return QueueOut.of(maintenance.status())


@queue.post("/queue/pause")
@admins_only
@queue.input(PauseIn)
@queue.output(QueueOut)
def pause_queue(json_data: PauseIn) -> Any:
    """Begin no further job, on any machine, until it is resumed; running ones go on to their end."""
    administration.pause(caller(), json_data.reason)
    return QueueOut.of(maintenance.status())


@queue.post("/queue/resume")
@admins_only
@queue.output(ResumedOut)
def resume_queue() -> Any:
    """Let jobs begin again."""
    was = administration.resume(caller())
    return ResumedOut(**QueueOut.of(maintenance.status()).model_dump(), was_paused=was)


@queue.get("/jobs/<job_id>")
@admins_only
@queue.output(AdminJobOut)
@queue.doc(responses={404: "Not found"})
def show_job(job_id: str) -> Any:
    """A job with what its owner is not shown: its worker, its attempts and the end of its log."""
    job = user_jobs.owned(caller(), job_id)
    return AdminJobOut.of(job, container().queue_forecast.of(job))


@queue.patch("/jobs/<job_id>")
@admins_only
@queue.input(JobPatch)
@queue.output(AdminJobOut)
@queue.doc(responses={404: "Not found"})
def change_job(job_id: str, json_data: JobPatch) -> Any:
    """Give a job another priority: among waiting jobs, a higher one goes first."""
    job = administration.set_priority(caller(), job_id, json_data.priority)
    return AdminJobOut.of(job, container().queue_forecast.of(job))
