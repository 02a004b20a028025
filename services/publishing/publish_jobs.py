"""Jobs of the pipeline `youtube_publishing`: what they send, and what is known of the video afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from database import session as current_session
from lib.clock import now
from models import Artifact, Publication, Recording, YouTubeAccount
from services.jobs import queue
from services.jobs.job_kind import JobDetails, JobInput, StoredOutput
from services.library import hidden_formats
from services.youtube.port import ChannelDisconnected

PIPELINE = "youtube_publishing"
SOURCE, CAPTIONS, THUMBNAIL = "video_file", "captions_file", "thumbnail_file"  # as in pipelines/stages/publish.py
_CAPTION_FORMATS = ("srt", "vtt")


class VideoFacts(BaseModel):
    """The part of a run's metrics that describes the video; a remote worker may report anything."""

    id: str = Field(min_length=1, max_length=64)
    privacy: str = Field("", max_length=16)


def load(claim: queue.Claim) -> JobDetails:
    """Read the recording, the channel and what is added to the video. Raises ChannelDisconnected and NotFound."""
    publication = current_session().get_one(Publication, claim.options["publication_id"], populate_existing=True)
    account = current_session().get(YouTubeAccount, publication.account_id) if publication.account_id else None
    if account is None:
        raise ChannelDisconnected("It was disconnected after the job was submitted.")
    recording = current_session().get_one(Recording, publication.recording_id, populate_existing=True)
    inputs = [JobInput(SOURCE, recording.storage_key, SOURCE, size_bytes=recording.size_bytes, sha256=recording.sha256)]
    if claim.options.get("captions"):
        inputs += captions_of(recording)
    if claim.options.get("thumbnail"):
        poster = _artifacts(recording.id, (hidden_formats.POSTER,))
        inputs += [JobInput(THUMBNAIL, row.storage_key, THUMBNAIL, row.content_type, row.size_bytes, row.sha256) for row in poster]
    options = {**claim.options, "sealed_token": account.sealed_token}
    return JobDetails(options, publication.id, inputs, recording.duration_s)


def captions_of(recording: Recording) -> list[JobInput]:
    """Return the captions of a recording as an input: those of its documents, else the subtitles that it was uploaded with."""
    rows = {row.format: row for row in _artifacts(recording.id, _CAPTION_FORMATS)}
    for name in _CAPTION_FORMATS:
        if name in rows:
            row = rows[name]
            return [JobInput(CAPTIONS, row.storage_key, CAPTIONS, row.content_type, row.size_bytes, row.sha256)]
    return [JobInput(CAPTIONS, recording.subtitles_key, CAPTIONS)] if recording.subtitles_key else []


def record(session: Session, claim: queue.Claim, outputs: Sequence[StoredOutput], metrics: Mapping[str, Any]) -> None:
    """Note the video."""
    facts = VideoFacts.model_validate(metrics.get("youtube") or {})
    row = update(Publication).where(Publication.id == claim.options["publication_id"])
    session.execute(row.values(video_id=facts.id, privacy=facts.privacy, published_at=now()))


def _artifacts(recording_id: str, formats: Sequence[str]) -> Sequence[Artifact]:
    query = select(Artifact).where(Artifact.recording_id == recording_id, Artifact.format.in_(formats))
    return current_session().execute(query).scalars().all()
