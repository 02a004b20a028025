"""Uploaded pictures and documents: accept, list, read and delete them. Their type follows from their first bytes, not from their name."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Literal

from sqlalchemy import exists, select

import errors
from database import session, transaction
from lib.paging import Page, Paging, count_rows, fetch_page
from lib.text import clean_text
from models import Project, ProjectAsset, UploadedFile
from services.accounts import Caller
from services.library import limits, object_deletion, recordings, reference_input
from services.library.uploads import UploadedPart
from services.media import first_bytes
from services.projects import access
from services.storage import Store, keys
from tables.columns import new_id

Kind = Literal["image", "document"]
MAX_FOLDER_CHARS = 200
MAX_FILES_PER_USER = 10_000
_OFFICE_TYPES = {
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".odt": "application/vnd.oasis.opendocument.text",
    ".odp": "application/vnd.oasis.opendocument.presentation",
    ".zip": "application/zip",
}


class TooManyFiles(errors.Conflict):
    """You have too many pictures and documents."""

    code = "too_many_files"
    hint = "Delete some that you don't need any more."


@dataclass(frozen=True)
class FileType:
    kind: Kind
    content_type: str


def type_of(part: UploadedPart) -> FileType | None:
    """Return the type of an uploaded file; None if it is neither a picture nor a document, so that it may be a recording."""
    with part.file.keep().open("rb") as file:
        start = file.read(first_bytes.LENGTH)
    if first_bytes.is_picture(start):
        return FileType("image", first_bytes.picture_type(start))
    if start.startswith(b"%PDF"):
        return FileType("document", "application/pdf")
    if start.startswith(b"PK\x03\x04"):
        office = _OFFICE_TYPES.get(PurePath(part.filename).suffix.lower())
        return FileType("document", office) if office else None
    return FileType("document", "text/plain; charset=utf-8") if first_bytes.is_text(start) else None


def store_file(
    caller: Caller, part: UploadedPart, kind: FileType, folder: str, upload_limits: limits.UploadLimits, store: Store
) -> UploadedFile:
    """Store an uploaded file of a known type. Raises EmptyFile, QuotaExceeded, IntakePaused, TooManyUploads and TooManyFiles."""
    if part.file.size_bytes == 0:
        raise errors.EmptyFile
    file_id, filename = new_id(), keys.safe_filename(part.filename, "file")
    row = UploadedFile(
        id=file_id,
        user_id=caller.user_id,
        kind=kind.kind,
        folder=clean_text(folder)[:MAX_FOLDER_CHARS],
        filename=filename,
        storage_key=keys.uploaded_file(file_id, filename),
        content_type=kind.content_type,
        size_bytes=part.file.size_bytes,
        sha256=part.file.sha256,
    )
    with transaction() as write_session:
        object_deletion.schedule(write_session, [row.storage_key], after=object_deletion.UPLOAD_GRACE)
    try:
        store.put(part.file.keep(), row.storage_key, kind.content_type)
        with transaction() as write_session:
            upload_limits.check_open()
            recordings.check_quota(write_session, caller.user_id, row.size_bytes, upload_limits.quota_bytes)
            limits.check_uploads(write_session, caller.user_id, upload_limits.uploads_per_day)
            if count_rows(UploadedFile, UploadedFile.user_id == caller.user_id) >= MAX_FILES_PER_USER:
                raise TooManyFiles(f"The limit is {MAX_FILES_PER_USER}.")
            object_deletion.cancel(write_session, [row.storage_key])
            write_session.add(row)
    except BaseException:
        object_deletion.delete_now(store, [row.storage_key])
        raise
    return row


def list_page(caller: Caller, paging: Paging, *, kind: str = "", folder: str = "") -> Page[UploadedFile]:
    """List the caller's files, newest first."""
    query = select(UploadedFile).where(UploadedFile.user_id == caller.user_id, UploadedFile.kind != reference_input.KIND)
    if kind:
        query = query.where(UploadedFile.kind == kind)
    if folder:
        query = query.where(UploadedFile.folder == folder)
    return fetch_page(query.order_by(UploadedFile.created_at.desc(), UploadedFile.id), paging)


def get_readable(caller: Caller, file_id: str) -> UploadedFile:
    """Return a file of the caller, or one of a project of the caller. Raises NotFound."""
    row = session().get(UploadedFile, file_id)
    if row is None or not (row.user_id == caller.user_id or _is_shared(caller.user_id, file_id)):
        raise errors.NotFound("file")
    return row


def get_linked(file_id: str, user_id: str) -> UploadedFile:
    """Return the file of a signed address that this user has requested. Raises NotFound."""
    row = session().get(UploadedFile, file_id)
    if row is None or not (row.user_id == user_id or _is_shared(user_id, file_id)):
        raise errors.NotFound("file")
    return row


def remove(caller: Caller, file_id: str, store: Store) -> None:
    """Delete a file of the caller; it vanishes from projects too. Raises NotFound."""
    with transaction() as write_session:
        row = write_session.get(UploadedFile, file_id, with_for_update=True)
        if row is None or row.user_id != caller.user_id:
            raise errors.NotFound("file")
        object_deletion.schedule(write_session, [row.storage_key])
        write_session.delete(row)
    object_deletion.try_run_due(store)


def _is_shared(user_id: str, file_id: str) -> bool:
    is_in_project = exists().where(
        ProjectAsset.file_id == UploadedFile.id, ProjectAsset.project_id == Project.id, access.is_member(user_id)
    )
    is_in_project = is_in_project.correlate(UploadedFile)
    query = select(UploadedFile.id).where(UploadedFile.id == file_id, access.may_open_file(user_id), is_in_project)
    return session().execute(query).first() is not None
