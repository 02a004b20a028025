"""Job events as frames of an event stream (HTML Standard, section 9.2, server-sent events)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, or_, select

from domain import JobState
from lib.clock import iso
from models import Job, JobEvent
from services.jobs.scheduling.forecast import WaitInfo

_MAX_QUEUED_JOBS = 1000
HEARTBEAT = b": heartbeat\n\n"
OPENING = b"retry: 2000\n\n"
_STATES = {
    "queued": JobState.QUEUED,
    "retrying": JobState.QUEUED,
    "requeued": JobState.QUEUED,
    "running": JobState.RUNNING,
    "stage": JobState.RUNNING,
    "documents_ready": JobState.RUNNING,
}


@dataclass(frozen=True)
class Frame:
    """A frame ready to send. `id` is None for progress, which is not replayed; `is_late`: its successors were committed before it."""

    id: int | None
    kind: str
    job_id: str
    user_id: str
    text: bytes
    is_late: bool = False


def events() -> Any:
    """Return the query for `event_frame`, without conditions."""
    return select(
        JobEvent.id, JobEvent.job_id, JobEvent.user_id, JobEvent.kind, JobEvent.data, JobEvent.created_at, Job.recording_id
    ).join(Job, Job.id == JobEvent.job_id)  # fmt: skip


def running_jobs() -> Any:
    """Return the query for `progress_frame`."""
    return select(
        Job.id, Job.user_id, Job.recording_id, Job.cancel_requested, Job.stage, Job.progress, Job.seconds_left, Job.updated_at
    ).where(Job.state == JobState.RUNNING)  # fmt: skip


def waiting_jobs(job_ids: Collection[str], user_ids: Collection[str]) -> Any:
    """Return the query for `waiting_frame`."""
    condition = or_(Job.id.in_(job_ids), Job.user_id.in_(user_ids))
    return select(Job).where(Job.state == JobState.QUEUED, condition).limit(_MAX_QUEUED_JOBS).execution_options(populate_existing=True)


def event_frame(row: Row[Any], *, is_late: bool = False) -> Frame:
    """Return the frame of an event."""
    body = {
        "job_id": row.job_id,
        "recording_id": row.recording_id,
        "state": _STATES.get(row.kind, row.kind),
        "stage": "",
        "progress": 100.0 if row.kind == JobState.SUCCEEDED else None,
        "seconds_left": None,
        "at": iso(row.created_at),
        **row.data,
    }
    return Frame(row.id, row.kind, row.job_id, row.user_id, _encode(row.kind, body, row.id), is_late)


def progress_frame(row: Row[Any]) -> Frame:
    """Return the progress of a running job."""
    body = {
        "job_id": row.id,
        "recording_id": row.recording_id,
        "state": JobState.CANCELLING if row.cancel_requested else JobState.RUNNING,
        "stage": row.stage,
        "progress": row.progress,
        "seconds_left": row.seconds_left,
        "at": iso(row.updated_at),
    }
    return Frame(None, "progress", row.id, row.user_id, _encode("progress", body))


def waiting_frame(job: Job, wait: WaitInfo) -> Frame:
    """Return the progress of a queued job; `seconds_left` in steps of ten, so that it does not change every second."""
    body = {
        "job_id": job.id,
        "recording_id": job.recording_id,
        "state": JobState.QUEUED,
        "stage": "",
        "progress": job.progress,
        "seconds_left": None if wait.seconds_left is None else round(wait.seconds_left, -1),
        "queue_position": wait.position,
        "wait_reason": wait.wait_reason,
        "at": iso(job.updated_at),
    }
    return Frame(None, "progress", job.id, job.user_id, _encode("progress", body))


def _encode(kind: str, body: dict[str, Any], event_id: int | None = None) -> bytes:
    id_line = "" if event_id is None else f"id: {event_id}\n"
    return f"{id_line}event: {kind}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n".encode()
