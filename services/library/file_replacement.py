"""Replaces the file of a recording, which keeps its address, title, links, comments and settings; captions and slides are made again."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import errors
from config import Settings
from database import end_read, session, transaction
from domain import ACTIVE_STATES, MediaInfo, ProcessingStatus
from lib.serialization import to_plain
from models import Artifact, Job, Recording
from services.accounts import Caller
from services.library import hidden_formats, lecture_jobs, limits, object_deletion, receiving, recordings, streaming_jobs, uploads
from services.library.limits import UploadLimits
from services.library.uploads import UploadedPart
from services.operations import audit
from services.prompts import with_prompts
from services.storage import Store, keys
from tables.columns import new_id


def replace_recording_file(
    caller: Caller, recording_id: str, part: UploadedPart | None, subtitles_part: UploadedPart | None, settings: Settings, store: Store
) -> Job:
    """Store a new file of a recording and queue its conversion, with the options of the newest one, both or neither.

    Streams are made again if there were any. Corrections of the transcript are carried over once the new words are known. Raises NotFound,
    NoFile, TooLong, QuotaExceeded and the like of an upload, and Conflict while a job of the recording is active.
    """
    recording = recordings.get_owned(caller, recording_id, in_trash=False)
    if part is None:
        raise errors.NoFile
    _check_inactive(session(), recording_id)
    receiving.check_intake(settings)
    options = dict(lecture_jobs.newest_options(session(), recording_id))
    old_bytes, previous = recording.size_bytes, _raw_transcript(session(), recording_id)
    end_read()
    media = uploads.probe_part(part, settings)
    uploads.check_options(options, media, settings, has_subtitles=subtitles_part is not None)
    version, filename = new_id(), keys.safe_filename(part.filename)
    new_keys = {"storage_key": keys.replaced_recording(recording_id, version, filename)}
    if subtitles_part is not None:
        suffix = PurePath(uploads.check_subtitles(recording_id, subtitles_part, media)).suffix
        new_keys["subtitles_key"] = keys.replaced_recording(recording_id, version, f"given{suffix}")
    if previous is not None:
        new_keys["previous"] = keys.previous_transcript(recording_id, version)
    with transaction() as write_session:
        object_deletion.schedule(write_session, list(new_keys.values()), after=object_deletion.UPLOAD_GRACE)
    try:
        store.put(part.file.path, new_keys["storage_key"], "application/octet-stream")
        if subtitles_part is not None:
            store.put(subtitles_part.file.keep(), new_keys["subtitles_key"], uploads.SUBTITLE_TYPES[suffix])
        if previous is not None:
            store.copy(previous.storage_key, new_keys["previous"])
        with transaction() as write_session:
            recording = recordings.get_locked(write_session, caller, recording_id)
            _check_inactive(write_session, recording_id)
            limits.check_jobs(write_session, recording.user_id, settings.user_active_jobs)
            if part.file.size_bytes > old_bytes:
                more_bytes = part.file.size_bytes - recording.size_bytes
                recordings.check_quota(write_session, recording.user_id, more_bytes, settings.user_quota_bytes)
            if previous is not None:
                facts = new_keys["previous"], previous.size_bytes, previous.sha256
                hidden_formats.put(write_session, recording_id, hidden_formats.PREVIOUS_TRANSCRIPT, *facts)
            before = {"filename": recording.sent_name, "sha256": recording.sha256}
            _exchange(write_session, recording, part, media, new_keys)
            after = {"filename": recording.sent_name, "sha256": recording.sha256}
            target = ("recording", recording_id)
            audit.record_if_other_user(write_session, caller, recording.user_id, "recording.replace", target, before, after)
            job = _queue(write_session, recording, options, settings)
    except BaseException:
        object_deletion.delete_now(store, list(new_keys.values()))
        raise
    object_deletion.try_run_due(store)
    return job


def _check_inactive(current: Session, recording_id: str) -> None:
    query = select(Job.id).where(Job.recording_id == recording_id, Job.state.in_(ACTIVE_STATES))
    if current.execute(query.limit(1)).first() is not None:
        raise errors.Conflict("A job of this recording is queued or running.", hint="Wait until it has ended, or cancel it.")


def _raw_transcript(current: Session, recording_id: str) -> Artifact | None:
    """Return the artifact of the recognised text, detached from the session."""
    of_recording = select(Artifact).where(Artifact.recording_id == recording_id, Artifact.format == hidden_formats.RAW_TRANSCRIPT)
    artifact = current.execute(of_recording).scalar_one_or_none()
    if artifact is not None:
        current.expunge(artifact)
    return artifact


def _exchange(write_session: Session, recording: Recording, part: UploadedPart, media: MediaInfo, new_keys: Mapping[str, str]) -> None:
    """Let the recording be the new file. What belongs to the old one alone goes: its subtitles, the slides of a lesson."""
    old_keys = [key for key in (recording.storage_key, recording.subtitles_key) if key]
    if recording.upload_key is None and recording.storage_key.startswith(f"videos/{recording.user_id}/"):
        recording.upload_key = recording.storage_key  # players and transcoders know it by this key
    object_deletion.schedule(write_session, old_keys)
    object_deletion.cancel(write_session, [new_keys["storage_key"], *([new_keys["subtitles_key"]] if "subtitles_key" in new_keys else [])])
    recording.storage_key, recording.subtitles_key = new_keys["storage_key"], new_keys.get("subtitles_key")
    recording.filename = keys.safe_filename(part.filename)
    sent_name = recordings.clean_title(part.filename.replace("\\", "/").rpartition("/")[2])
    recording.sent_name = (sent_name or recording.filename)[: recordings.MAX_TITLE_LENGTH]
    recording.size_bytes, recording.sha256 = part.file.size_bytes, part.file.sha256
    recording.duration_s, recording.media = media.duration_s, to_plain(media)
    recording.chapters = [each for each in recording.chapters if float(each.get("start_s") or 0) < media.duration_s]
    recording.processing_status = ProcessingStatus.COMPLETED
    hidden_formats.discard(write_session, recording.id, hidden_formats.LESSON_SLIDES)


def _queue(write_session: Session, recording: Recording, options: Mapping[str, Any], settings: Settings) -> Job:
    """Queue the conversion if the recording was converted before, and its streams if it had some or was only prepared for players."""
    has_streams = _has_streams(write_session, recording.id)
    for name in hidden_formats.STREAMS:
        hidden_formats.discard(write_session, recording.id, name)
    streaming = None
    if has_streams or not options:
        streaming = streaming_jobs.submit(write_session, recording, UploadLimits.from_settings(settings))
    if not options:
        assert streaming is not None
        return streaming
    options = with_prompts(lecture_jobs.with_format_of_subtitles(options, recording.subtitles_key))
    return uploads.queue_conversion(write_session, recording, settings, lecture_jobs.PIPELINE, options, None)


def _has_streams(current: Session, recording_id: str) -> bool:
    index = select(Artifact.id).where(Artifact.recording_id == recording_id, Artifact.format == hidden_formats.STREAM_INDEX)
    return current.execute(index).first() is not None
