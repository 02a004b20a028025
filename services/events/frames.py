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

_MOST_WAITING = 1000
HEARTBEAT = b": still here\n\n"
OPENING = b"retry: 2000\n\n"
_STATES = {
    "queued": JobState.QUEUED,
    "retrying": JobState.QUEUED,
    "requeued": JobState.QUEUED,
    "running": JobState.RUNNING,
    "stage": JobState.RUNNING,
}


@dataclass(frozen=True)
class Frame:
    """A frame ready to send. `id` is None for progress, which is not replayed; `late` for an event that came after its successors."""

    id: int | None
    kind: str
    job_id: str
    user_id: str
    text: bytes
    late: bool = False


def events() -> Any:
    """What `event_frame` takes, before anybody says which."""
    return select(
        JobEvent.id, JobEvent.job_id, JobEvent.user_id, JobEvent.kind, JobEvent.data, JobEvent.created_at, Job.recording_id
    ).join(Job, Job.id == JobEvent.job_id)  # fmt: skip


def running_jobs() -> Any:
    """What `progress_frame` takes."""
    return select(
        Job.id, Job.user_id, Job.recording_id, Job.cancel_requested, Job.stage, Job.progress, Job.seconds_left, Job.updated_at
    ).where(Job.state == JobState.RUNNING)  # fmt: skip


def waiting_jobs(job_ids: Collection[str], user_ids: Collection[str]) -> Any:
    """What `waiting_frame` takes."""
    wanted = or_(Job.id.in_(job_ids), Job.user_id.in_(user_ids))
    return select(Job).where(Job.state == JobState.QUEUED, wanted).limit(_MOST_WAITING).execution_options(populate_existing=True)


def event_frame(row: Row[Any], *, late: bool = False) -> Frame:
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
    return Frame(row.id, row.kind, row.job_id, row.user_id, _encode(row.kind, body, row.id), late)


def progress_frame(row: Row[Any]) -> Frame:
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


def waiting_frame(job: Job, shown: WaitInfo) -> Frame:
    """`seconds_left` in steps of ten: a job that waits is not told of every second."""
    body = {
        "job_id": job.id,
        "recording_id": job.recording_id,
        "state": JobState.QUEUED,
        "stage": "",
        "progress": job.progress,
        "seconds_left": None if shown.seconds_left is None else round(shown.seconds_left, -1),
        "queue_position": shown.position,
        "wait_reason": shown.wait_reason,
        "at": iso(job.updated_at),
    }
    return Frame(None, "progress", job.id, job.user_id, _encode("progress", body))


def _encode(kind: str, body: dict[str, Any], event_id: int | None = None) -> bytes:
    named = "" if event_id is None else f"id: {event_id}\n"
    return f"{named}event: {kind}\ndata: {json.dumps(body, ensure_ascii=False)}\n\n".encode()
