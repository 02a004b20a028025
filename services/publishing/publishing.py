"""Publish a recording: the preview of what will be sent, and the job that sends it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

import errors
from database import end_read, session, transaction
from domain import ACTIVE_STATES
from lib.clock import now
from lib.serialization import to_plain
from models import Job, Publication, Recording, RecordingSlide
from services.accounts import Caller
from services.jobs import queue
from services.library import limits, recordings
from services.library.limits import UploadLimits
from services.publishing import channels, publish_jobs
from services.publishing.channels import PublishingAccess
from services.publishing.chapters import MAX_TITLE_CHARS, Mark, clean_description, with_chapters
from services.youtube.port import ChannelDisconnected, VideoDetails
from tables.columns import new_id

_MAX_TAGS_CHARS = 500  # of all tags together, with a comma each


class NothingToPublish(errors.Conflict):
    """This recording has no video."""

    code = "no_video"
    hint = "YouTube takes videos only."


@dataclass(frozen=True)
class Wishes:
    """The choices of a user; None means the value in the preview."""

    account_id: str | None = None
    title: str | None = None
    description: str | None = None
    tags: Sequence[str] | None = None
    privacy: str | None = None
    publish_at: dt.datetime | None = None
    category_id: str = "27"
    made_for_kids: bool = False
    captions: bool = True
    thumbnail: bool = True
    chapters: bool = True


@dataclass(frozen=True)
class Preview:
    """The details that would be sent with a recording."""

    details: VideoDetails
    has_captions: bool
    has_thumbnail: bool


@dataclass(frozen=True)
class ShownPublication:
    """A publication with its job; that is None after it was deleted."""

    row: Publication
    job: Job | None


def preview(caller: Caller, recording_id: str, wishes: Wishes, access: PublishingAccess) -> Preview:
    """Return what would be sent with a recording of the caller. Raises NotFound and NothingToPublish."""
    recording = _publishable(caller, recording_id)
    description = recording.description if wishes.description is None else wishes.description
    description = clean_description(description)
    if wishes.chapters:
        description = with_chapters(description, _marks(recording), recording.duration_s)
    title = (wishes.title or recording.title).replace("<", "(").replace(">", ")")
    details = VideoDetails(
        title=recordings.clean_title(title)[:MAX_TITLE_CHARS] or "Video",
        description=description,
        tags=tuple(_fitting(recording.tags if wishes.tags is None else wishes.tags)),
        privacy="private" if wishes.publish_at else wishes.privacy or access.default_privacy,
        publish_at=wishes.publish_at,
        category_id=wishes.category_id,
        language=recording.language,
        made_for_kids=wishes.made_for_kids,
    )
    return Preview(details, bool(publish_jobs.captions_of(recording)), recording.has_poster)


def publish(caller: Caller, recording_id: str, wishes: Wishes, access: PublishingAccess, upload_limits: UploadLimits) -> ShownPublication:
    """Queue the job that uploads a recording. Raises NotFound, NothingToPublish, PublishingOff, ChannelDisconnected, TooManyJobs
    and Conflict.
    """
    access.check_configured()
    if wishes.publish_at is not None and wishes.publish_at <= now():
        raise errors.ValidationFailed("publish_at: must be in the future")
    video_preview = preview(caller, recording_id, wishes, access)
    recording = recordings.get_owned(caller, recording_id)
    account = channels.choose(caller, wishes.account_id)
    if account.error_code:
        raise ChannelDisconnected
    with transaction() as write_session:
        busy = select(Publication.id).join(Job, Job.id == Publication.job_id)
        busy = busy.where(Publication.recording_id == recording_id, Publication.account_id == account.id, Job.state.in_(ACTIVE_STATES))
        if write_session.execute(busy).first() is not None:
            raise errors.Conflict("This recording is being published on this channel already.")
        limits.check_jobs(write_session, caller.user_id, upload_limits.active_jobs)
        publication = Publication(id=new_id(), user_id=caller.user_id, recording_id=recording_id, account_id=account.id)
        publication.metadata_sent = to_plain(video_preview.details)
        options: dict[str, Any] = {
            "publication_id": publication.id,
            "details": publication.metadata_sent,
            "captions": wishes.captions and video_preview.has_captions,
            "captions_language": recording.language or "en",
            "thumbnail": wishes.thumbnail and video_preview.has_thumbnail,
        }
        job = queue.submit(
            user_id=caller.user_id,
            pipeline=publish_jobs.PIPELINE,
            options=options,
            recording_id=recording_id,
            lanes=upload_limits.lanes,
            media_s=recording.duration_s,
        )
        publication.job_id = job.id
        write_session.add(publication)
        write_session.flush()
        return ShownPublication(publication, job)


def list_of_recording(caller: Caller, recording_id: str) -> Sequence[ShownPublication]:
    """Return the publications of a recording, newest first. Raises NotFound."""
    recordings.get_owned(caller, recording_id)
    end_read()
    query = select(Publication, Job).outerjoin(Job, Job.id == Publication.job_id)
    conditions = (Publication.recording_id == recording_id, Publication.user_id == caller.user_id)
    rows = session().execute(query.where(*conditions).order_by(Publication.created_at.desc(), Publication.id))
    return [ShownPublication(row, job) for row, job in rows]


def _publishable(caller: Caller, recording_id: str) -> Recording:
    recording = recordings.get_owned(caller, recording_id)
    if not recording.storage_key:
        raise errors.NotReady("The recording is being downloaded.")
    if not (recording.media or {}).get("video"):
        raise NothingToPublish
    return recording


def _marks(recording: Recording) -> list[Mark]:
    """Return the chapters of a recording, else the slides with a title."""
    if recording.chapters:
        return [Mark(float(each["start_s"]), str(each["title"])) for each in recording.chapters]
    query = select(RecordingSlide.start_s, RecordingSlide.title).where(RecordingSlide.recording_id == recording.id)
    return [Mark(start_s, title) for start_s, title in session().execute(query.order_by(RecordingSlide.start_s))]


def _fitting(tags: Sequence[str]) -> list[str]:
    """Return the tags that fit into YouTube's limit; one with spaces counts two characters more."""
    fitting, length = list[str](), 0
    for tag in tags:
        clean = recordings.clean_title(tag).replace("<", "").replace(">", "").replace(",", " ")
        length += len(clean) + 1 + 2 * (" " in clean)
        if length > _MAX_TAGS_CHARS:
            break
        fitting += [clean] if clean else []
    return fitting
