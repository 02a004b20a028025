"""Requests and responses of Thakii's worker service."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ProcessFromStoreIn(BaseModel):
    video_id: str = Field(min_length=1, max_length=36)
    user_id: str = Field(min_length=1, max_length=36)
    filename: str = Field(min_length=1, max_length=1000)
    s3_key: str = Field(min_length=1, max_length=600)


class ProcessingOut(BaseModel):
    video_id: str
    status: str = "processing"
    message: str = "The recording is being converted."


class DirectUploadOut(BaseModel):
    video_id: str
    status: str = "processing"
    message: str = "Uploaded; the PDF is being made."
    filename: str
    size: int
    created_at: str | None
    note: str = "Ask `check_status` for the progress and the link to the PDF."
    check_status: str
