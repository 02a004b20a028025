"""Files for the bodies of uploads, and the quotas and limits that are checked before and while a body is read."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy.orm import Session

import errors
from config import Settings
from database import end_read, session
from services.library import limits, recordings, reserved_storage
from services.library.uploads_in_progress import Upload
from services.storage import IncomingFile, Store

MAX_SUBTITLES_BYTES = 5 * 2**20
MAX_FORM_BYTES = 64 * 2**10  # of the fields and headers around the files


def open_form_file_sink(settings: Settings, store: Store, upload: Upload, content_length: int | None) -> IncomingFile:
    """Open a file for the next file of a form. The bytes of all uploads of the user count.

    Raises IntakePaused, TooManyUploads and TooManyJobs before the body is read, TooLarge and QuotaExceeded also while it is read.
    """
    if content_length is not None and content_length > settings.max_upload_bytes + MAX_SUBTITLES_BYTES:
        raise errors.TooLarge(f"The limit is {settings.max_upload_bytes} bytes.")
    _check_before_body(settings, store, upload, max(0, (content_length or 0) - MAX_FORM_BYTES))
    return IncomingFile(incoming_folder(settings), settings.max_upload_bytes, upload.add)


def open_chunk_sink(settings: Settings, store: Store, upload: Upload, content_length: int | None) -> IncomingFile:
    """Open a file for one chunk of an upload, which is sent in a form. Raises as `open_form_file_sink` does."""
    _check_before_body(settings, store, upload, max(0, (content_length or 0) - MAX_FORM_BYTES))
    return IncomingFile(incoming_folder(settings), settings.max_chunk_bytes, upload.add)


def open_direct_sink(
    settings: Settings, store: Store, upload: Upload, content_length: int | None, max_bytes: int, key: str
) -> IncomingFile:
    """Open a file for a body without a form. Raises as `open_form_file_sink` does.

    `key`: where the body will be stored, instead of what has arrived there before.
    """
    if content_length is not None and content_length > max_bytes:
        raise errors.TooLarge(f"The limit is {max_bytes} bytes.")
    _check_before_body(settings, store, upload, content_length or 0, except_key=key)
    return IncomingFile(incoming_folder(settings), max_bytes, upload.add)


def open_part_sink(settings: Settings, max_bytes: int) -> IncomingFile:
    """Open a file for a part of an upload whose announced size counts against the quota already.

    Raises IntakePaused, and TooLarge while the body is read.
    """
    check_intake(settings)
    return IncomingFile(incoming_folder(settings), max_bytes)


def _check_before_body(settings: Settings, store: Store, upload: Upload, announced_bytes: int, *, except_key: str = "") -> None:
    """Check the quota and limits before the first file, then release the database connection: receiving the body may take an hour."""
    if upload.quota_bytes is not None:
        return

    def read_quota() -> tuple[int, int]:
        reserved_bytes = reserved_storage.of_user(settings.data_dir, upload.user_id, store, except_key=except_key)
        used_bytes = recordings.used_bytes(session(), upload.user_id) + reserved_bytes
        return used_bytes, recordings.quota_bytes(session(), upload.user_id, settings.user_quota_bytes)

    upload.set_quota(read_quota, announced_bytes)
    check_limits(session(), settings, upload.user_id)
    end_read()


def check_limits(session: Session, settings: Settings, user_id: str) -> None:
    """Raise IntakePaused, TooManyUploads or TooManyJobs."""
    check_intake(settings)
    limits.check_uploads(session, user_id, settings.user_uploads_per_day)
    limits.check_jobs(session, user_id, settings.user_active_jobs)


def check_before_upload(settings: Settings, user_id: str) -> None:
    """Check everything but the size before an upload begins. Raises IntakePaused, TooManyUploads or TooManyJobs."""
    check_limits(session(), settings, user_id)
    end_read()


def check_intake(settings: Settings) -> None:
    """Raise IntakePaused while an admin has paused the intake of recordings."""
    if not settings.transcribing_allowed:
        raise errors.IntakePaused


def incoming_folder(settings: Settings) -> Path:
    """Return the folder of files that are being received, on the file system of the local store; a server without uploads has none yet."""
    folder = settings.data_dir / "incoming"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
