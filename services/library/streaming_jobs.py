"""Jobs of the pipeline `streaming`: they check a recording that a client sent to the store, and prepare recordings for players."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from database import session as current_session
from database import transaction
from domain import ACTIVE_STATES, MediaInfo, ProcessingStatus
from lib.serialization import to_plain
from models import Job, Recording
from services.accounts import Caller
from services.jobs import queue
from services.jobs.job_kind import JobDetails, StoredOutput
from services.library import hidden_formats, lecture_jobs, limits, object_deletion, recordings
from services.library.limits import UploadLimits
from services.operations import audit
from services.storage import Store

PIPELINE = "streaming"
_ASSUMED_MEDIA_S = 7200.0  # of a recording that was not probed yet


class SourceFacts(BaseModel):
    """The part of a run's metrics that describes the recording; a remote worker may report anything."""

    sha256: str = Field(pattern="^[0-9a-f]{64}$")
    media: MediaInfo


def request(caller: Caller, recording_id: str, upload_limits: UploadLimits) -> Job:
    """Queue a job that prepares a recording for players; its streams together are about as large as the recording.

    Raises NotFound, NotReady, TooManyJobs, QuotaExceeded, and Conflict while there is one.
    """
    upload_limits.check_open()
    with transaction() as session:
        recording = recordings.get_locked(session, caller, recording_id)
        if not recording.storage_key:
            raise errors.NotReady("The recording is being downloaded.")
        _check_inactive(session, recording_id)
        limits.check_jobs(session, recording.user_id, upload_limits.active_jobs)
        recordings.check_quota(session, recording.user_id, recording.size_bytes, upload_limits.quota_bytes)
        target = ("recording", recording_id)
        audit.record_if_other_user(session, caller, recording.user_id, "recording.stream", target)
        return submit(session, recording, upload_limits)


def submit(session: Session, recording: Recording, upload_limits: UploadLimits, *, check_only: bool = False, is_free: bool = False) -> Job:
    """Queue the job in the caller's transaction. `check_only`: another program transcodes the recording. `is_free`: nobody pays."""
    return queue.submit(
        user_id=recording.user_id,
        pipeline=PIPELINE,
        options={"check_only": check_only, "max_duration_s": upload_limits.max_duration_s, "silent": True},
        recording_id=recording.id,
        lanes=upload_limits.lanes,
        media_s=recording.duration_s or _ASSUMED_MEDIA_S,
        is_free=is_free,
    )


def discard(caller: Caller, recording_id: str, store: Store) -> None:
    """Delete the streams of a recording; players then load the file itself. Raises NotFound, and Conflict while they are prepared."""
    with transaction() as session:
        recording = recordings.get_locked(session, caller, recording_id)
        _check_inactive(session, recording_id)
        for name in hidden_formats.STREAMS:
            hidden_formats.discard(session, recording_id, name)
        target = ("recording", recording_id)
        audit.record_if_other_user(session, caller, recording.user_id, "recording.discard_streams", target)
    object_deletion.try_run_due(store)


def _check_inactive(session: Session, recording_id: str) -> None:
    query = select(Job.id).where(Job.recording_id == recording_id, Job.pipeline == PIPELINE, Job.state.in_(ACTIVE_STATES))
    if session.execute(query).first() is not None:
        raise errors.Conflict("This recording is being prepared already.", hint="Wait until the job has ended, or cancel it.")


def load(claim: queue.Claim) -> JobDetails:
    """Return the recording of a claimed job."""
    recording = current_session().get_one(Recording, claim.recording_id)
    source = lecture_jobs.source_of(recording)
    options = {**claim.options, "storage_key": recording.storage_key, "size_bytes": recording.size_bytes}
    return JobDetails(options, recording.id, [source], recording.duration_s or _ASSUMED_MEDIA_S)


def record(session: Session, claim: queue.Claim, outputs: Sequence[StoredOutput], metrics: Mapping[str, Any]) -> None:
    """Store the rows of the streams, and the recording's missing hash, duration and media information."""
    recording = session.get_one(Recording, claim.recording_id)
    facts = SourceFacts.model_validate(metrics.get("source") or {})
    if not recording.sha256:
        recording.sha256, recording.duration_s, recording.media = facts.sha256, facts.media.duration_s, to_plain(facts.media)
    for output in outputs:
        if output.kind.name == hidden_formats.POSTER:
            if recording.has_poster:
                continue  # its deletion stays scheduled: the picture of the site is better
            recording.has_poster = True
        file = (output.storage_key, output.size_bytes, output.sha256)
        hidden_formats.put(session, recording.id, output.kind.name, *file, claim.job_id)
    if not claim.options.get("check_only"):
        recording.processing_status = ProcessingStatus.COMPLETED


def has_failed(recording: Recording) -> bool:
    """Whether a recording in progress will not be completed, because its newest job has failed or was cancelled."""
    newest = select(Job.state).where(Job.recording_id == recording.id, Job.pipeline == PIPELINE).order_by(Job.created_at.desc()).limit(1)
    return current_session().execute(newest).scalar_one_or_none() in ("failed", "cancelled")
