"""The reference document of a recording's owner as the input of the jobs that write its documents."""

from __future__ import annotations

from sqlalchemy import Select, select

from database import session as current_session
from models import UploadedFile
from services.documents import reference_document
from services.jobs.job_kind import JobInput

KIND = "reference"


def query(user_id: str) -> Select[UploadedFile]:
    """Select the reference document of a user."""
    return select(UploadedFile).where(UploadedFile.user_id == user_id, UploadedFile.kind == KIND)


def inputs_for(user_id: str) -> list[JobInput]:
    """Return the reference document, or nothing."""
    row = current_session().execute(query(user_id)).scalar_one_or_none()
    name = reference_document.FILE
    return [JobInput(name, row.storage_key, name, row.content_type, row.size_bytes, row.sha256)] if row is not None else []
