"""Uploads that clients send to the store themselves, as iTube's do: a URL for the file, then its metadata.

Between the two the only state is the scheduled deletion of the file's key: the request that cancels it owns the file, and files without
metadata are deleted in the end. A URL of the store stays valid for a while, and a client could replace the checked file. The
recording is therefore a copy of it.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from dataclasses import dataclass

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.orm import Session

import errors
from database import changed_rows, end_read, session, transaction
from domain import ProcessingStatus, Visibility
from lib.clock import now
from lib.paging import count_rows
from models import MultipartUpload, PendingDeletion, Recording
from services.accounts import Caller
from services.accounts.user_lock import lock_user
from services.library import limits, object_deletion, recordings, reserved_storage, streaming_jobs
from services.library.limits import TooManyUnfinishedUploads, UploadLimits
from services.library.uploads_in_progress import arriving_bytes
from services.media import first_bytes
from services.storage import IncomingFile, Store, keys
from tables.columns import new_id

VIDEO_TYPE, THUMBNAIL_TYPE = "video/mp4", "image/jpg"  # as iTube's clients send them
MAX_THUMBNAIL_BYTES = 5 * 2**20
_FILENAME = "video.mp4"
_WAIT_S = 60
_UPLOAD_TIME = dt.timedelta(hours=1)  # a URL must be valid when a request begins


class UploadMissing(errors.Conflict):
    """The file has not arrived."""

    code = "upload_missing"
    hint = "Send the file to its upload URL first, then repeat this request."


class UploadClosed(errors.Conflict):
    """This file was described already and can no longer be replaced."""

    code = "upload_closed"
    hint = "Request a new upload URL."


@dataclass(frozen=True)
class VideoMetadata:
    """The details that a user gives of an uploaded file."""

    title: str
    description: str
    key: str
    visibility: Visibility


def open_video(caller: Caller, upload_limits: UploadLimits, store: Store, *, announced_bytes: int | None = None) -> str:
    """Reserve a key for a file of the caller and return it. Raises IntakePaused, QuotaExceeded and TooManyUploads.

    `announced_bytes`: the size of a file that is sent in parts.
    """
    upload_limits.check_open()
    in_parts = reserved_storage.announced_sizes(session(), caller.user_id).keys()
    end_read()
    uploaded_bytes = reserved_storage.arrived_bytes(upload_limits.data_dir, caller.user_id, store, in_parts) + arriving_bytes(
        caller.user_id
    )
    with transaction() as write_session:
        lock_user(write_session, caller.user_id)
        reserved_bytes = uploaded_bytes + sum(reserved_storage.announced_sizes(write_session, caller.user_id).values())
        recordings.check_quota(write_session, caller.user_id, reserved_bytes + (announced_bytes or 0), upload_limits.quota_bytes)
        limits.check_uploads(write_session, caller.user_id, upload_limits.uploads_per_day)
        is_of_caller = PendingDeletion.key.startswith(f"videos/{caller.user_id}/", autoescape=True)
        has_recording = exists().where(Recording.upload_key == PendingDeletion.key)
        if count_rows(PendingDeletion, is_of_caller, ~has_recording) >= upload_limits.unfinished_uploads:
            raise TooManyUnfinishedUploads(f"The limit is {upload_limits.unfinished_uploads}.", wait_s=_WAIT_S)
        key = keys.direct_upload(caller.user_id, str(uuid.uuid4()))
        object_deletion.schedule(write_session, [key], after=lifetime_of_uploads(upload_limits))
        if announced_bytes is not None:
            write_session.add(MultipartUpload(key=key, size_bytes=announced_bytes))
    return key


def open_thumbnail(caller: Caller, video_key: str, upload_limits: UploadLimits) -> str:
    """Return the key of the thumbnail of the caller's file. Raises NotFound."""
    with transaction() as session:
        if is_reserved(session, caller.user_id, video_key):
            object_deletion.schedule(session, [keys.thumbnail_of(video_key)], after=lifetime_of_uploads(upload_limits))
        else:
            recording = _recording_with(session, video_key, caller.user_id)
            if recording is None:
                raise errors.NotFound("No upload of yours has this id.")
            recording.thumbnail_key = keys.thumbnail_of(video_key)
    return keys.thumbnail_of(video_key)


def check_open(key: str, user_id: str) -> None:
    """Raise UploadClosed unless a file may still arrive at this key."""
    is_thumbnail = keys.is_thumbnail(key)
    recording_key = keys.recording_of_thumbnail(key) if is_thumbnail else key
    is_open = is_reserved(session(), user_id, recording_key)
    if not is_open and is_thumbnail:
        is_open = _recording_with(session(), recording_key, user_id) is not None
    end_read()
    if not is_open:
        raise UploadClosed


def store_file(file: IncomingFile, key: str, user_id: str, store: Store) -> None:
    """Store what has arrived at a URL of this server. Raises UploadClosed."""
    check_open(key, user_id)
    store.put(file.keep(), key, THUMBNAIL_TYPE if keys.is_thumbnail(key) else VIDEO_TYPE)


def describe(caller: Caller, metadata: VideoMetadata, upload_limits: UploadLimits, store: Store, *, check_only: bool) -> Recording:
    """Make a recording of an uploaded file, and queue the job that checks it and prepares it for players.

    `check_only`: another program prepares it. Raises NotFound, UploadMissing, UploadClosed, NotMedia, TooLarge and QuotaExceeded.
    """
    if not metadata.key.startswith(f"videos/{caller.user_id}/"):
        raise errors.NotFound("No upload of yours has this key.")
    if not is_reserved(session(), caller.user_id, metadata.key):
        end_read()
        raise UploadClosed
    end_read()
    size_bytes, storage_key = check_size(metadata.key, upload_limits.max_upload_bytes, store), metadata.key
    if store.takes_uploads and not check_only:
        storage_key = keys.checked_upload(metadata.key, new_id())
        with transaction() as write_session:
            object_deletion.schedule(write_session, [storage_key], after=object_deletion.UPLOAD_GRACE)
        store.copy(metadata.key, storage_key)
        size_bytes = check_size(storage_key, upload_limits.max_upload_bytes, store)
    recording = Recording(
        id=new_id(),
        user_id=caller.user_id,
        title=metadata.title,
        description=metadata.description,
        filename=_FILENAME,
        sent_name=_FILENAME,
        storage_key=storage_key,
        upload_key=metadata.key if storage_key != metadata.key else None,
        size_bytes=size_bytes,
        sha256="",
        duration_s=0.0,
        media={},
        visibility=metadata.visibility,
        processing_status=ProcessingStatus.IN_PROGRESS,
    )
    try:
        _add(caller, recording, upload_limits, metadata.key, check_only=check_only)
    except BaseException:
        if recording.upload_key is not None:
            object_deletion.delete_now(store, [storage_key])
        raise
    if storage_key != metadata.key:
        with contextlib.suppress(errors.TransientError):  # its deletion is scheduled
            store.delete([metadata.key])
    return recording


def _add(caller: Caller, recording: Recording, upload_limits: UploadLimits, key: str, *, check_only: bool) -> None:
    """Add the recording of the file at this key. Only the first of several requests for a file succeeds."""
    with transaction() as session:
        recordings.check_quota(session, caller.user_id, recording.size_bytes, upload_limits.quota_bytes)
        limits.check_uploads(session, caller.user_id, upload_limits.uploads_per_day)
        limits.check_jobs(session, caller.user_id, upload_limits.active_jobs)
        if not is_reserved(session, caller.user_id, key) or not _release(session, key):
            raise UploadClosed
        if recording.upload_key is not None:
            object_deletion.cancel(session, [recording.storage_key])
            object_deletion.schedule(session, [key], after=lifetime_of_uploads(upload_limits))  # of what may still be sent to it
        if _release(session, keys.thumbnail_of(key)):
            recording.thumbnail_key = keys.thumbnail_of(key)
        session.add(recording)
        session.flush()
        streaming_jobs.submit(session, recording, upload_limits, check_only=check_only)


def id_of_key(key: str) -> str:
    """Return the id of the recording with this key, for the operator's programs. Raises NotFound."""
    recording_id = session().execute(select(Recording.id).where(_has_key(key))).scalar_one_or_none()
    if recording_id is None:
        raise errors.NotFound("recording")
    return recording_id


def set_status(recording_id: str, status: ProcessingStatus) -> None:
    """Change the processing status, as an external transcoder reports it. Raises NotFound."""
    with transaction() as session:
        recording = session.get(Recording, recording_id)
        if recording is None:
            raise errors.NotFound("recording")
        recording.processing_status = status


def status_of(recording: Recording) -> ProcessingStatus:
    """Return the processing status; a recording whose check or preparation failed is not in progress."""
    status = ProcessingStatus(recording.processing_status)
    has_failed = status == ProcessingStatus.IN_PROGRESS and streaming_jobs.has_failed(recording)
    return ProcessingStatus.FAILED if has_failed else status


def find_by_key(key: str) -> str:
    """Return the id of the recording whose file or thumbnail has this key, for viewers; their rights are checked later."""
    return id_of_key(keys.recording_of_thumbnail(key) if keys.is_thumbnail(key) else key)


def open_thumbnail_file(recording: Recording, store: Store) -> tuple[str, int, str] | None:
    """Return key, size and content type of the thumbnail that a client has sent for the recording, or None."""
    key = recording.thumbnail_key
    end_read()
    size_bytes = store.size(key) if key else None
    if key is None or size_bytes is None or size_bytes > MAX_THUMBNAIL_BYTES:
        return None
    return key, size_bytes, first_bytes.picture_type(b"".join(store.read(key, 0, min(16, size_bytes))))


def lifetime_of_uploads(upload_limits: UploadLimits) -> dt.timedelta:
    """Return the time after which no file can arrive at an upload URL that is issued now."""
    return max(object_deletion.UPLOAD_GRACE, dt.timedelta(seconds=upload_limits.upload_address_s) + _UPLOAD_TIME)


def check_size(key: str, max_bytes: int, store: Store) -> int:
    """Return the size of the file. A file that can't be a recording is deleted; the URL stays valid for another attempt."""
    size_bytes = store.size(key)
    if size_bytes is None:
        raise UploadMissing
    start = b"".join(store.read(key, 0, min(first_bytes.LENGTH, size_bytes))) if size_bytes else b""
    try:
        if size_bytes == 0:
            raise errors.EmptyFile
        if size_bytes > max_bytes:
            raise errors.TooLarge(f"The limit is {max_bytes} bytes.")
        first_bytes.check_recording(start)
    except errors.LecternError:
        store.delete([key])
        raise
    return size_bytes


def _release(session: Session, key: str) -> bool:
    """Cancel the deletion of a reserved key. Only one of several concurrent requests gets True."""
    result = session.execute(delete(PendingDeletion).where(PendingDeletion.key == key, PendingDeletion.due_at > now()))
    return changed_rows(result) > 0


def is_reserved(session: Session, user_id: str, key: str) -> bool:
    """Return whether a file of the user may still arrive at this key."""
    if not key.startswith(f"videos/{user_id}/"):
        return False
    has_recording = exists().where(Recording.upload_key == PendingDeletion.key)
    query = select(PendingDeletion.key).where(PendingDeletion.key == key, PendingDeletion.due_at > now(), ~has_recording)
    return session.execute(query).first() is not None


def _recording_with(session: Session, key: str, user_id: str) -> Recording | None:
    query = select(Recording).where(_has_key(key), Recording.user_id == user_id, Recording.deleted_at.is_(None))
    return session.execute(query).scalar_one_or_none()


def _has_key(key: str) -> ColumnElement[bool]:
    return or_(Recording.storage_key == key, Recording.upload_key == key)
