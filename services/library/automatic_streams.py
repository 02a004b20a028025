"""Prepares recordings for players when their conversion has succeeded, if the setting and the owner want that."""

from __future__ import annotations

from collections.abc import Callable

import structlog
from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from config import Settings
from database import Hook
from domain import ACTIVE_STATES, JobState
from models import Artifact, Job, Recording
from services.jobs.queue.topics import JobEnded
from services.library import hidden_formats, lecture_jobs, recordings, streaming_jobs
from services.library.limits import UploadLimits

log = structlog.get_logger(__name__)


def hook(known_settings: Callable[[], Settings]) -> Hook:
    """Return the hook for the end of jobs."""

    def prepare(session: Session, event: JobEnded) -> None:
        settings = known_settings()
        if settings.automatic_streams and event.state is JobState.SUCCEEDED:
            _prepare(session, event.job_id, UploadLimits.from_settings(settings))

    return prepare


def _prepare(session: Session, job_id: str, upload_limits: UploadLimits) -> None:
    query = select(Recording).join(Job, Job.recording_id == Recording.id)
    query = query.where(Job.id == job_id, Job.pipeline == lecture_jobs.PIPELINE)
    recording = session.execute(query).scalar_one_or_none()
    if recording is None or not recording.automatic_streams or recording.delete_at is not None or _has_streams(session, recording.id):
        return
    try:
        recordings.check_quota(session, recording.user_id, recording.size_bytes, upload_limits.quota_bytes)
    except errors.QuotaExceeded:
        log.info("automatic_streams_exceed_quota", recording=recording.id)
        return
    streaming_jobs.submit(session, recording, upload_limits, is_free=True)


def _has_streams(session: Session, recording_id: str) -> bool:
    """Whether the recording has streams, or will have them soon."""
    streams = select(Artifact.id).where(Artifact.recording_id == recording_id, Artifact.format == hidden_formats.STREAM_INDEX)
    query = select(Job.id).where(Job.recording_id == recording_id, Job.pipeline == streaming_jobs.PIPELINE, Job.state.in_(ACTIVE_STATES))
    return session.execute(streams.union_all(query).limit(1)).first() is not None
