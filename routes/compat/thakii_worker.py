"""Thakii's worker API at its documented paths. Unlike there, it needs a service token, and only the holder of a task may report on it."""

from __future__ import annotations

from typing import Any

from flask import Response

import errors
from pipelines.lecture_notes import LECTURE_NOTES
from pipelines.registry import PIPELINES
from routes.endpoints import Blueprint
from routes.service_caller import service_required
from routes.worker import apply_report, claim_response, keep_alive, remote_jobs
from schemas.thakii_worker import (
    PickupIn,
    PickupOut,
    RecoveredOut,
    TaskChangedOut,
    TaskHeartbeatIn,
    TaskHeartbeatOut,
    TaskOut,
    TasksOut,
    TaskUpdateIn,
)
from schemas.worker import CallbackIn
from services.library.remote_jobs import AttemptRef

thakii_worker = Blueprint("thakii_worker", __name__, scope="service", tag="Internal")
_NOT_HELD = {404: "Not found", 409: "The worker does not hold the task", 422: "Validation error, or results are missing"}
_MAX_PENDING = 100


@thakii_worker.get("/get-pending-tasks")
@service_required("worker")
@thakii_worker.output(TasksOut)
def list_pending() -> Any:
    """List the recordings whose conversion is queued, oldest first, at most 100."""
    tasks = [TaskOut.of(each, "in_queue") for each in remote_jobs().pending(LECTURE_NOTES.name, _MAX_PENDING)]
    return TasksOut(tasks=tasks, count=len(tasks))


@thakii_worker.post("/worker/pickup-task")
@service_required("worker")
@thakii_worker.input(PickupIn, arg_name="body")
@thakii_worker.output(PickupOut)
@thakii_worker.doc(responses={204: "No task may run now"})
def pick_up(body: PickupIn) -> Any:
    """Claim the next task. These workers convert recordings; jobs of other pipelines are left to others."""
    claim = claim_response(body.worker_id, None, closed_pipelines=PIPELINES.keys() - {LECTURE_NOTES.name})
    if isinstance(claim, Response):
        return claim
    recording = remote_jobs().recording_of(claim.job_id)
    task = TaskOut.of(recording, "processing").model_dump() if recording is not None else {}
    return PickupOut(task={**claim.model_dump(), **task})


@thakii_worker.post("/worker/update-task")
@service_required("worker")
@thakii_worker.input(TaskUpdateIn, arg_name="body")
@thakii_worker.output(TaskChangedOut)
@thakii_worker.doc(responses=_NOT_HELD)
def update_task(body: TaskUpdateIn) -> Any:
    """Report the progress or the end of a task."""
    return _report(body)


@thakii_worker.post("/task-update")
@service_required("worker")
@thakii_worker.input(TaskUpdateIn, arg_name="body")
@thakii_worker.output(TaskChangedOut)
@thakii_worker.doc(responses=_NOT_HELD)
def task_update(body: TaskUpdateIn) -> Any:
    """Report the progress or the end of a task; the same as `update-task`."""
    return _report(body)


@thakii_worker.post("/worker/heartbeat")
@service_required("worker")
@thakii_worker.input(TaskHeartbeatIn, arg_name="body")
@thakii_worker.output(TaskHeartbeatOut)
def send_heartbeat(body: TaskHeartbeatIn) -> Any:
    """Renew the leases of a worker's tasks."""
    lost_ids = []
    for video_id in body.active_task_ids:
        try:
            keep_alive(_get_attempt(video_id, body.worker_id))
        except (errors.NotFound, errors.LeaseLost, errors.Cancelled):
            lost_ids.append(video_id)
    return TaskHeartbeatOut(message="Renewed.", lost_task_ids=lost_ids)


@thakii_worker.post("/worker/recover-stale-tasks")
@service_required("worker")
@thakii_worker.output(RecoveredOut)
def recover_stale() -> Any:
    """Requeue the tasks whose worker has stopped sending heartbeats."""
    count = remote_jobs().recover_stale()
    return RecoveredOut(message=f"{count} queued again.", recovered_count=count)


def _report(body: TaskUpdateIn) -> TaskChangedOut:
    progress = {} if body.progress is None else {"progress": body.progress}
    apply_report(_get_attempt(body.video_id, body.worker_id), CallbackIn(status=body.status, error=body.error_message, **progress))
    return TaskChangedOut(message="Updated.")


def _get_attempt(video_id: str, worker_id: str) -> AttemptRef:
    """Return the attempt of this recording's newest job that the worker holds. Raises NotFound and LeaseLost."""
    attempt_ref = remote_jobs().attempt_of(remote_jobs().newest_job_of(video_id), worker_id)
    if attempt_ref is None:
        raise errors.LeaseLost
    return attempt_ref
