"""Uploaded pictures and documents in the API."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, Field

from lib.clock import iso
from models import UploadedFile


class FileOut(BaseModel):
    id: str
    type: Literal["image", "document"]
    folder: str
    filename: str
    content_type: str
    size_bytes: int
    sha256: str
    s3_key: str
    url: str = Field(description="Opens without a header until it expires.")
    created_at: str | None

    @classmethod
    def of(cls, file: UploadedFile, url: str) -> FileOut:
        return cls(
            id=file.id,
            type="image" if file.kind == "image" else "document",
            folder=file.folder,
            filename=file.filename,
            content_type=file.content_type,
            size_bytes=file.size_bytes,
            sha256=file.sha256,
            s3_key=file.storage_key,
            url=url,
            created_at=iso(file.created_at),
        )


class ReferenceDocumentOut(BaseModel):
    """The Word file whose styles documents take over; only the parts that define these were kept."""

    id: str
    filename: str
    size_bytes: int
    sha256: str
    url: str = Field(description="Opens without a header until it expires.")
    created_at: str | None

    @classmethod
    def of(cls, file: UploadedFile, url: str) -> ReferenceDocumentOut:
        return cls(
            id=file.id, filename=file.filename, size_bytes=file.size_bytes, sha256=file.sha256, url=url, created_at=iso(file.created_at)
        )


class ReferenceStateOut(BaseModel):
    document: ReferenceDocumentOut | None


class PaperQuery(BaseModel):
    paper: Literal["a4", "letter"] = "a4"


class FilesOut(BaseModel):
    files: list[FileOut]
    total: int


class UploadedOut(BaseModel):
    """The result of sending a file: a recording, which is converted in the background, or a picture or document."""

    success: bool = True
    url: str = Field(description="Opens without a header until it expires.")
    type: Literal["recording", "image", "document"]
    id: str
    recording_id: str | None = None
    file_id: str | None = None
    job_id: str | None = Field(None, description="The job that converts a recording.")
    filename: str
    folder: str
    size_bytes: int
    s3_key: str
