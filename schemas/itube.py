"""Requests and responses of iTube's paths."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, Field, field_validator

from domain import ProcessingStatus, Visibility
from lib.numbers import reject_bool
from models import Recording
from schemas.cleaning import Title, upper_case
from services.library.direct_uploads import VideoMetadata
from services.library.editing import MAX_DESCRIPTION_CHARS, clean_description

_UPLOAD_ID = r"^[\x21-\x7e]{1,2000}$"
_KEY = r"^videos/[0-9a-f-]{36}/[0-9a-f-]{36}\.mp4$"


class UploadUrlOut(BaseModel):
    url: str = Field(description="Takes the file by PUT, without other credentials.")
    media_id: str = Field(description="The key of the file.")


class MultipartIn(BaseModel):
    size_bytes: Annotated[int, Field(ge=1, description="Of the whole file."), reject_bool]


class MultipartOut(BaseModel):
    media_id: str = Field(description="The key of the file.")
    upload_id: str
    part_bytes: int = Field(description="Size of every part but the last one.")


class MultipartUploadIn(BaseModel):
    media_id: str = Field(pattern=_KEY)
    upload_id: str = Field(pattern=_UPLOAD_ID)


class PartsIn(MultipartUploadIn):
    numbers: list[Annotated[int, Field(ge=1, le=10_000)]] = Field(min_length=1, max_length=100, description="From 1.")


class PartUrlOut(BaseModel):
    number: int
    url: str = Field(description="Takes the part by PUT, without other credentials, until it expires.")


class PartUrlsOut(BaseModel):
    parts: list[PartUrlOut]
    expires_in: int


class PartOut(BaseModel):
    number: int
    size_bytes: int


class PartsOut(BaseModel):
    parts: list[PartOut]


class CompletedOut(BaseModel):
    media_id: str
    size_bytes: int


class ThumbnailQuery(BaseModel):
    associated_video_id: str = Field(pattern=_KEY, description="The `media_id` of the video.")


class MetadataIn(BaseModel):
    title: Title
    description: str | None = Field(None, max_length=MAX_DESCRIPTION_CHARS)
    video_s3_key: str = Field(pattern=_KEY, description="The `media_id` of the uploaded video.")
    visibility: Visibility = Field(Visibility.PRIVATE, description="In upper or lower case.")

    _upper_case = field_validator("visibility", mode="before")(upper_case)

    def metadata(self) -> VideoMetadata:
        return VideoMetadata(self.title, clean_description(self.description or ""), self.video_s3_key, self.visibility)


class ITubeVideoOut(BaseModel):
    id: str
    user_id: str
    title: str
    description: str = Field(description="Never null.")
    video_s3_key: str
    visibility: Visibility
    processing_status: ProcessingStatus

    @classmethod
    def of(cls, recording: Recording, status: ProcessingStatus) -> ITubeVideoOut:
        return cls(
            id=recording.id,
            user_id=recording.user_id,
            title=recording.title,
            description=recording.description,
            video_s3_key=recording.upload_key or recording.storage_key,
            visibility=Visibility(recording.visibility),
            processing_status=status,
        )


class VideoIdOut(BaseModel):
    video_id: str


class StatusQuery(BaseModel):
    status: Literal["IN_PROGRESS", "COMPLETED", "FAILED"] = Field(description="In upper or lower case.")

    _upper_case = field_validator("status", mode="before")(upper_case)
