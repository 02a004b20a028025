"""Jobs of the pipeline `link_import`: what they download, and the recording that they complete.

The recording exists from the beginning, without a file. When the download ends, the conversion is queued in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import Any, cast

from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

import errors
from database import changed_rows, end_read, transaction
from database import session as current_session
from domain import JobState, MediaInfo
from lib.serialization import to_plain
from lib.text import clean_text
from models import Job, Recording, Webhook
from services.jobs import queue
from services.jobs.job_kind import JobDetails, StoredOutput
from services.jobs.scheduling.scheduler import LaneThresholds
from services.library import hidden_formats, lecture_jobs, object_deletion, recordings, video_cache
from services.library.editing import clean_description
from services.links import site_cookies
from services.storage import Store, keys
from services.storage.moves import current_key

PIPELINE = "link_import"
_ASSUMED_MEDIA_S = 7200.0  # not known yet; the time limit of the download follows from it
_MAX_START_S = 10_000_000.0
_MAX_CHAPTER_CHARS = 200
RECORDING, SUBTITLES = "recording", "subtitles"


class ChapterFacts(BaseModel):
    start_s: float = Field(ge=0, le=_MAX_START_S)
    title: str = Field("", max_length=5000)


class DownloadFacts(BaseModel):
    """The part of a run's metrics that describes the recording; a remote worker may report anything."""

    title: str = Field("", max_length=5000)
    filename: str = Field("", max_length=5000)
    page_url: str = Field("", max_length=20_000)
    source_id: str = Field("", max_length=5000)
    description: str = Field("", max_length=50_000)
    chapters: list[ChapterFacts] = Field([], max_length=2000)
    media: MediaInfo


def load(claim: queue.Claim) -> JobDetails:
    """Return the link of a claimed job."""
    recording = current_session().get_one(Recording, claim.recording_id)
    options = {**claim.options, "url": recording.source_url, "sealed_cookies": site_cookies.get_sealed(recording.user_id)}
    return JobDetails(options, recording.id, media_s=_ASSUMED_MEDIA_S)


def check(claim: queue.Claim, outputs: Sequence[StoredOutput], reserved_bytes: int) -> None:
    """Raise QuotaExceeded if the file does not fit beside the user's recordings and unfinished uploads."""
    recording = current_session().get_one(Recording, claim.recording_id)
    more_bytes = sum(output.size_bytes for output in outputs if output.kind.name == RECORDING) - recording.size_bytes
    quota_bytes = int(claim.options.get("quota_bytes") or 0)
    recordings.check_quota(current_session(), recording.user_id, reserved_bytes + more_bytes, quota_bytes)


def record(session: Session, claim: queue.Claim, outputs: Sequence[StoredOutput], metrics: Mapping[str, Any]) -> None:
    """Complete the recording with the downloaded file. Raises QuotaExceeded."""
    recording = session.get_one(Recording, claim.recording_id)
    facts = DownloadFacts.model_validate(metrics.get("download") or {})
    by_name = {output.kind.name: output for output in outputs}
    file, subtitles = by_name.get(RECORDING), by_name.get(SUBTITLES)
    if file is None:
        raise errors.NoMediaFound
    old_size_bytes = recording.size_bytes
    recordings.check_quota(session, recording.user_id, file.size_bytes - old_size_bytes, int(claim.options.get("quota_bytes") or 0))
    object_deletion.cancel(session, [output.storage_key for output in outputs])
    old_keys = {recording.storage_key, recording.subtitles_key} - {None, "", *(output.storage_key for output in outputs)}
    object_deletion.schedule(session, sorted(cast("set[str]", old_keys)))
    poster = by_name.get(hidden_formats.POSTER)
    recording.has_poster = poster is not None
    if poster is not None:
        stored_as = (poster.storage_key, poster.size_bytes, poster.sha256)
        hidden_formats.put(session, recording.id, hidden_formats.POSTER, *stored_as, claim.job_id)
    recording.storage_key, recording.size_bytes, recording.sha256 = file.storage_key, file.size_bytes, file.sha256
    recording.subtitles_key = subtitles.storage_key if subtitles is not None else None
    _describe(recording, facts)


def _describe(recording: Recording, facts: DownloadFacts) -> None:
    filename = keys.safe_filename(facts.filename)
    recording.filename, recording.sent_name = filename, (recordings.clean_title(facts.filename) or filename)[: recordings.MAX_TITLE_LENGTH]
    recording.duration_s, recording.media = facts.media.duration_s, to_plain(facts.media)
    recording.source_id = recording.source_id or clean_text(facts.source_id)[: recordings.MAX_SOURCE_ID_LENGTH]
    recording.description = clean_description(facts.description)
    chapters = [{"start_s": each.start_s, "title": clean_text(each.title)[:_MAX_CHAPTER_CHARS]} for each in facts.chapters]
    recording.chapters = [each for each in chapters if each["title"]]
    title = recordings.clean_title(facts.title)[: recordings.MAX_TITLE_LENGTH]
    if not recording.has_given_title:
        recording.title = title or keys.without_extension(recording.sent_name)
        recording.has_given_title = bool(title)


def after_record(claim: queue.Claim, store: Store) -> None:
    """Move the downloaded file to the documented key."""
    promote(store, Recording.id == claim.recording_id)


def locate(recording: Recording, store: Store) -> str:
    """Return the key of a recording's file, also if it has moved since the row was read."""
    return current_key(store, recording.storage_key, keys.recording(recording.id, recording.filename))


def promote_left_over(store: Store) -> int:
    """Move the files whose move a crash has interrupted. Return their number."""
    running = select(Job.recording_id).where(Job.state == JobState.RUNNING, Job.recording_id.is_not(None))
    return promote(store, Recording.id.not_in(running))


def promote(store: Store, condition: ColumnElement[bool]) -> int:
    """Move files from the prefix of their job to the documented keys. Return their number.

    Every step is idempotent: the janitor may repeat it, also while another process does the same.
    """
    end_read()
    query = select(Recording.id, Recording.filename, Recording.storage_key, Recording.subtitles_key)
    rows = current_session().execute(query.where(Recording.storage_key.startswith(keys.JOBS), condition)).all()
    end_read()
    for row in rows:
        key, subtitles_key = keys.recording(row.id, row.filename), row.subtitles_key
        if subtitles_key is not None:
            subtitles_key = keys.recording_subtitles(row.id, PurePath(subtitles_key).suffix)
            store.move(row.subtitles_key, subtitles_key)
        store.move(row.storage_key, key)
        with transaction() as session:
            change = update(Recording).where(Recording.id == row.id, Recording.storage_key == row.storage_key)
            values = {"storage_key": key, "subtitles_key": subtitles_key}
            row_count = changed_rows(session.execute(change.values(values)))
            video_cache.forget_after_commit(row.id)
            if not row_count and session.execute(select(Recording.id).where(Recording.storage_key == key)).first() is None:
                object_deletion.schedule(session, [each for each in (key, subtitles_key) if each])  # it was deleted meanwhile
    return len(rows)


def queue_conversion(session: Session, claim: queue.Claim, metrics: Mapping[str, Any]) -> None:
    """Queue the conversion, to which the webhook of the download's job passes over."""
    recording = session.get_one(Recording, claim.recording_id)
    conversion = claim.options["conversion"]
    options = lecture_jobs.with_format_of_subtitles(claim.options["conversion_options"], recording.subtitles_key)
    lanes = LaneThresholds(*claim.options.get("lane_thresholds", ()))
    payer_id = queue.payer_of(session, claim.job_id)
    job = queue.submit(
        user_id=claim.user_id, pipeline=conversion, options=options, recording_id=recording.id, lanes=lanes, payer_id=payer_id
    )
    session.execute(update(Webhook).where(Webhook.job_id == claim.job_id).values(job_id=job.id))
