"""The reference document of a user: a Word file whose styles the user's DOCX documents take over."""

from __future__ import annotations

from pathlib import Path

import errors
from database import session as current_session
from database import transaction
from lib.hashing import sha256_of
from models import UploadedFile
from services.accounts import Caller
from services.accounts.user_lock import lock_user
from services.documents import reference_document
from services.library import limits, object_deletion, recordings, reference_input
from services.library.uploads import UploadedPart
from services.storage import Store, keys
from tables.columns import new_id


def put(caller: Caller, part: UploadedPart | None, bounds: limits.UploadLimits, store: Store) -> UploadedFile:
    """Store a reduced copy of a Word file instead of the current one.

    Raises NoFile, UnusableReferenceDocument, QuotaExceeded, IntakePaused and TooManyUploads.
    """
    if part is None:
        raise errors.NoFile
    uploaded_file = part.file.keep()
    clean_file = uploaded_file.with_suffix(".docx")
    try:
        reference_document.sanitize_sandboxed(uploaded_file, clean_file)
        return _store(caller, clean_file, keys.safe_filename(part.filename, reference_document.FILE), bounds, store)
    finally:
        clean_file.unlink(missing_ok=True)


def _store(caller: Caller, path: Path, filename: str, bounds: limits.UploadLimits, store: Store) -> UploadedFile:
    file_id = new_id()
    row = UploadedFile(
        id=file_id,
        user_id=caller.user_id,
        kind=reference_input.KIND,
        filename=filename,
        storage_key=keys.uploaded_file(file_id, filename),
        content_type=reference_document.CONTENT_TYPE,
        size_bytes=path.stat().st_size,
        sha256=sha256_of(path),
    )
    with transaction() as write_session:
        object_deletion.schedule(write_session, [row.storage_key], after=object_deletion.UPLOAD_GRACE)
    try:
        store.put(path, row.storage_key, row.content_type)
        with transaction() as write_session:
            bounds.check_open()
            lock_user(write_session, caller.user_id)  # two uploads may come at the same time
            before = write_session.execute(reference_input.query(caller.user_id)).scalar_one_or_none()
            more_bytes = row.size_bytes - (before.size_bytes if before else 0)
            if more_bytes > 0:
                recordings.check_quota(write_session, caller.user_id, more_bytes, bounds.quota_bytes)
            limits.check_uploads(write_session, caller.user_id, bounds.uploads_per_day)
            if before is not None:
                object_deletion.schedule(write_session, [before.storage_key])
                write_session.delete(before)
            object_deletion.cancel(write_session, [row.storage_key])
            write_session.add(row)
    except BaseException:
        object_deletion.delete_now(store, [row.storage_key])
        raise
    object_deletion.try_run_due(store)
    return row


def find(caller: Caller) -> UploadedFile | None:
    """Return the reference document of the caller, None if there is none."""
    return current_session().execute(reference_input.query(caller.user_id)).scalar_one_or_none()


def remove(caller: Caller, store: Store) -> None:
    """Delete the reference document of the caller. Raises NotFound."""
    with transaction() as write_session:
        row = write_session.execute(reference_input.query(caller.user_id).with_for_update()).scalar_one_or_none()
        if row is None:
            raise errors.NotFound("file")
        object_deletion.schedule(write_session, [row.storage_key])
        write_session.delete(row)
    object_deletion.try_run_due(store)
