"""Make recordings of uploads: probe, store, and queue the conversion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from config import Settings
from database import session, transaction
from domain import ACTIVE_STATES, MediaInfo, TimeRange
from lib.clock import now
from lib.media_time import parse_time
from lib.serialization import from_plain, to_plain
from models import Job, Project, Recording
from services import proofreading, speech_to_text
from services.accounts import Caller
from services.jobs import queue, side_jobs
from services.jobs.scheduling.scheduler import LaneThresholds
from services.library import hidden_formats, lecture_jobs, limits, object_deletion, recordings, stored_inputs
from services.library.receiving import MAX_SUBTITLES_BYTES, check_intake, check_limits
from services.library.resumable_uploads import ReceivedFile
from services.media.probe import probe
from services.media.streams import choose_tracks
from services.media.trim import within
from services.operations import audit
from services.prompts import with_prompts
from services.slides import SlideOptions, check_areas
from services.storage import IncomingFile, Store, keys
from services.subtitles import read_subtitles_sandboxed
from services.webhooks.subscriptions import JobWebhook, add_for_job
from tables.columns import new_id

SUBTITLE_TYPES = {".srt": "application/x-subrip", ".vtt": "text/vtt"}


@dataclass(frozen=True)
class UploadedPart:
    """One file of a form, with the name that the client gave it."""

    file: IncomingFile | ReceivedFile
    filename: str


@dataclass(frozen=True)
class FileFacts:
    """The name that a client gave a file, its size, and its SHA-256 in hexadecimal digits."""

    filename: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True)
class UploadRequest:
    """An uploaded recording, and the job that converts it.

    `own_text_part`: the text of the speech, which is aligned with the recognised words. `keep_s`: the recording is deleted after this time.
    `recording_id`: for callers that look for it with `find_created` first, so that an interrupted upload makes one recording.
    """

    part: UploadedPart
    pipeline: str
    options: Mapping[str, Any]
    title: str = ""
    recording_id: str = ""
    subtitles_part: UploadedPart | None = None
    own_text_part: UploadedPart | None = None
    webhook: JobWebhook | None = None
    keep_s: float | None = None


@dataclass(frozen=True)
class _CheckedUpload:
    """An upload that can be stored: its new recording, the options of its job, and the key of its own text ("" without one)."""

    request: UploadRequest
    recording: Recording
    options: Mapping[str, Any]
    own_text_key: str

    @property
    def stored_keys(self) -> list[str]:
        return [key for key in (self.recording.storage_key, self.recording.subtitles_key, self.own_text_key) if key]


def create_recording(caller: Caller, request: UploadRequest, settings: Settings, store: Store) -> tuple[Recording, Job]:
    """Store an uploaded recording and queue its job, both or neither.

    Raises EmptyFile, TooLong, QuotaExceeded, BadSubtitles and the errors of `probe`, of the options and of the limits.
    """
    upload = _prepare(caller, request, settings, store)
    with transaction() as write_session:
        object_deletion.schedule(write_session, upload.stored_keys, after=object_deletion.UPLOAD_GRACE)
    try:
        _store_objects(upload, store)
        job = _record_and_queue(caller, upload, settings)
    except BaseException:
        object_deletion.delete_now(store, upload.stored_keys)
        raise
    return upload.recording, job


def _prepare(caller: Caller, request: UploadRequest, settings: Settings, store: Store) -> _CheckedUpload:
    """Check the files, the options and the quota; make the recording and store its own text."""
    part, options = request.part, request.options
    media = probe_part(part, settings)
    check_options(options, media, settings, has_subtitles=request.subtitles_part is not None)
    recording_id, language = request.recording_id or new_id(), str(options.get("language") or "")
    facts = FileFacts(part.filename, part.file.size_bytes, part.file.sha256)
    recording = new_recording(recording_id, caller, facts, media, request.title, language)
    recording.delete_at = now() + dt.timedelta(seconds=request.keep_s) if request.keep_s is not None else None
    recordings.check_quota(session(), caller.user_id, part.file.size_bytes, settings.user_quota_bytes)
    if request.subtitles_part is not None:
        recording.subtitles_key = check_subtitles(recording.id, request.subtitles_part, media)
    text_key, text_part = "", request.own_text_part
    if text_part is not None:
        text_key = stored_inputs.put_own_text(recording.id, caller.user_id, text_part.file.keep(), store)
    options = with_prompts(lecture_jobs.with_format_of_subtitles(options, recording.subtitles_key))
    return _CheckedUpload(request, recording, options, text_key)


def _store_objects(upload: _CheckedUpload, store: Store) -> None:
    recording, subtitles_part = upload.recording, upload.request.subtitles_part
    store.put(upload.request.part.file.path, recording.storage_key, "application/octet-stream")
    if subtitles_part is not None and recording.subtitles_key:
        store.put(subtitles_part.file.path, recording.subtitles_key, SUBTITLE_TYPES[PurePath(recording.subtitles_key).suffix])


def _record_and_queue(caller: Caller, upload: _CheckedUpload, settings: Settings) -> Job:
    """Add the recording and its job in one transaction, which checks the limits again."""
    request, recording = upload.request, upload.recording
    with transaction() as write_session:
        recordings.check_quota(write_session, caller.user_id, recording.size_bytes, settings.user_quota_bytes)
        check_limits(write_session, settings, caller.user_id)
        object_deletion.cancel(write_session, upload.stored_keys)
        write_session.add(recording)
        write_session.flush()
        if request.own_text_part is not None:
            facts = request.own_text_part.file.size_bytes, request.own_text_part.file.sha256
            hidden_formats.put(write_session, recording.id, hidden_formats.OWN_TEXT, upload.own_text_key, *facts)
        return queue_conversion(write_session, recording, settings, request.pipeline, upload.options, request.webhook)


def probe_part(part: UploadedPart, settings: Settings) -> MediaInfo:
    """Return what a file contains. Raises EmptyFile, NotMedia and TooLong."""
    if part.file.size_bytes == 0:
        raise errors.EmptyFile
    media = probe(part.file.keep())
    if media.duration_s > settings.max_duration_s:
        raise errors.TooLong(f"It runs for {media.duration_s:.0f} s, the limit is {settings.max_duration_s:.0f} s.")
    return media


def convert_again(
    caller: Caller,
    recording_id: str,
    settings: Settings,
    *,
    pipeline: str,
    options: Mapping[str, Any],
    webhook: JobWebhook | None = None,
    project: Project | None = None,
) -> Job:
    """Queue another conversion of a recording, as a job of a project if one is given.

    Raises Conflict while a conversion is queued or running, and TooManyJobs.
    """
    recording, newest, _ = recordings.get_row(caller, recording_id)
    options = with_prompts(lecture_jobs.with_format_of_subtitles(options, recording.subtitles_key))
    _check_not_converting(newest)
    if not recording.storage_key:
        raise errors.Conflict("This recording was not downloaded.", hint="Retry its job.")
    if not recording.media:
        raise errors.Conflict("This recording has not been checked yet.", hint="Wait until its first job has succeeded, or retry that.")
    check_options(options, from_plain(MediaInfo, recording.media), settings, has_subtitles=recording.subtitles_key is not None)
    check_intake(settings)
    with transaction() as write_session:
        recording = recordings.get_locked(write_session, caller, recording_id)
        _check_not_converting(recordings.with_jobs([recording])[0].job)
        limits.check_jobs(write_session, recording.user_id, settings.user_active_jobs)
        job = queue_conversion(write_session, recording, settings, pipeline, options, webhook, project)
        details = {"job_id": job.id, **({"webhook_url": webhook.url} if webhook else {})}
        target = ("recording", recording_id)
        audit.record_if_other_user(write_session, caller, recording.user_id, "recording.convert", target, after=details)
    return job


def _check_not_converting(newest: Job | None) -> None:
    if newest is not None and newest.state in ACTIVE_STATES and not side_jobs.is_side_job(newest):
        raise errors.Conflict("This recording is being converted already.", hint="Wait until the job has ended, or cancel it.")


def queue_conversion(
    session: Session,
    recording: Recording,
    settings: Settings,
    pipeline: str,
    options: Mapping[str, Any],
    webhook: JobWebhook | None,
    project: Project | None = None,
) -> Job:
    lanes = LaneThresholds.from_settings(settings)
    job = queue.submit(
        user_id=recording.user_id,
        pipeline=pipeline,
        options=options,
        recording_id=recording.id,
        lanes=lanes,
        project_id=project.id if project is not None else None,
        payer_id=(project.payer_id or project.user_id) if project is not None else None,
    )
    if webhook is not None:
        add_for_job(session, job, webhook)
    return job


def check_options(options: Mapping[str, Any], media: MediaInfo, settings: Settings, *, has_subtitles: bool) -> None:
    """Check the options against the recording. Raises UnknownLanguage, LanguageModelMissing or ValidationFailed."""
    if (part := TimeRange(*(parse_time(str(options.get(name) or "0")) for name in ("start_time", "end_time")))).start_s:
        within(part, media.duration_s)
    media = choose_tracks(media, **{name: int(options.get(name) or 0) for name in ("video_track", "audio_track")})
    if media.audio is not None and not has_subtitles:
        speech_to_text.check_language(str(options.get("language") or ""), speech_to_text.from_settings(settings))
    proofreading.check_engine(str(options.get("proofread") or ""), proofreading.from_settings(settings))
    if media.video is not None:
        check_areas(SlideOptions.of(options), media.video)


def find_created(caller: Caller, recording_id: str) -> tuple[Recording, Job] | None:
    """Return the recording that an interrupted request has stored under this id, and its first job."""
    recording = session().get(Recording, recording_id)
    if recording is None or recording.user_id != caller.user_id:
        return None
    jobs = select(Job).where(Job.recording_id == recording_id).order_by(Job.created_at).limit(1)
    job = session().execute(jobs).scalar_one_or_none()
    return None if job is None else (recording, job)


def new_recording(recording_id: str, caller: Caller, file: FileFacts, media: MediaInfo, title: str, language: str) -> Recording:
    """Return the row of a file that is about to be stored. `title`: the given one, "" for none."""
    filename = keys.safe_filename(file.filename)
    sent_name = recordings.clean_title(file.filename.replace("\\", "/").rpartition("/")[2]) or filename
    given_title = recordings.clean_title(title)
    return Recording(
        id=recording_id,
        user_id=caller.user_id,
        title=(given_title or keys.without_extension(sent_name))[: recordings.MAX_TITLE_LENGTH],
        has_given_title=bool(given_title),
        filename=filename,
        sent_name=sent_name[: recordings.MAX_TITLE_LENGTH],
        storage_key=keys.recording(recording_id, filename),
        size_bytes=file.size_bytes,
        sha256=file.sha256,
        language=language,
        duration_s=media.duration_s,
        media=to_plain(media),
    )


def check_subtitles(recording_id: str, part: UploadedPart, media: MediaInfo) -> str:
    """Validate the subtitles and return their storage key. Raises BadSubtitles."""
    if part.file.size_bytes > MAX_SUBTITLES_BYTES:
        raise errors.BadSubtitles(f"The subtitles have {part.file.size_bytes} bytes, the limit is {MAX_SUBTITLES_BYTES}.")
    suffix = PurePath(part.filename).suffix.lower()
    if suffix not in SUBTITLE_TYPES:
        raise errors.BadSubtitles(f"{suffix or 'A file without extension'} is not supported.")
    read_subtitles_sandboxed(part.file.keep(), media.duration_s)
    return keys.recording_subtitles(recording_id, suffix)
