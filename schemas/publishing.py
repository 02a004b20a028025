"""Publishing on YouTube: requests and responses."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field, StrictBool

from lib.clock import iso
from models import YouTubeAccount
from schemas.times import UtcTime
from services.publishing.chapters import MAX_TITLE_CHARS
from services.publishing.publishing import Preview, ShownPublication, Wishes

Tag = Annotated[str, Field(min_length=1, max_length=100)]
Privacy = Literal["private", "unlisted", "public"]


class SignInOut(BaseModel):
    """Google's page, under the names that documented clients may read."""

    success: bool = True
    url: str
    authorization_url: str
    auth_url: str


class CallbackIn(BaseModel):
    """The parameters that Google sends to the redirect URI."""

    state: Annotated[str, Field(max_length=500)] = ""
    code: Annotated[str, Field(max_length=2000)] = ""
    error: Annotated[str, Field(max_length=500)] = ""


class ChannelOut(BaseModel):
    id: str
    channel_id: str
    channel_title: str
    channel_name: str
    is_active: bool
    connected_at: str | None

    @classmethod
    def of(cls, account: YouTubeAccount) -> ChannelOut:
        return cls(
            id=account.id,
            channel_id=account.channel_id,
            channel_title=account.channel_title,
            channel_name=account.channel_title,
            is_active=not account.error_code,
            connected_at=iso(account.updated_at),
        )


class ConnectedOut(BaseModel):
    success: bool = True
    message: str
    channel: ChannelOut


class ChannelsOut(BaseModel):
    is_configured: bool = Field(description="Whether this server can publish on YouTube.")
    channels: list[ChannelOut]


class PublishFields(BaseModel):
    """The details of a video. Fields that are left out come from the recording."""

    title: Annotated[str, Field(max_length=MAX_TITLE_CHARS)] | None = None
    description: Annotated[str, Field(max_length=5000)] | None = None
    tags: Annotated[list[Tag], Field(max_length=60)] | None = None
    privacy: Privacy | None = Field(None, validation_alias=AliasChoices("privacy", "privacy_status", "privacyStatus"))
    publish_at: UtcTime | None = Field(None, description="The video stays private until then.")
    category_id: Annotated[str, Field(pattern=r"^\d{1,3}$", description="YouTube's category; 27 is education.")] = "27"
    made_for_kids: StrictBool = False
    captions: StrictBool = Field(True, description="Whether captions are added; costs 400 of the daily 10,000 units.")
    thumbnail: StrictBool = True
    chapters: StrictBool = Field(True, description="Whether the description lists the chapters.")

    def wishes(self, account_id: str | None = None) -> Wishes:
        return Wishes(account_id=account_id, **{name: getattr(self, name) for name in PublishFields.model_fields})


class PublishIn(PublishFields):
    model_config = ConfigDict(populate_by_name=True)

    recording_id: Annotated[str, Field(min_length=1, max_length=36, validation_alias=AliasChoices("recording_id", "video_id"))]
    account_id: Annotated[str, Field(max_length=36)] | None = Field(None, description="By default the only connected channel.")


class PreviewOut(BaseModel):
    title: str
    description: str
    tags: list[str]
    privacy: str
    publish_at: str | None
    language: str
    has_captions: bool
    has_thumbnail: bool

    @classmethod
    def of(cls, preview: Preview) -> PreviewOut:
        details = preview.details
        return cls(
            title=details.title,
            description=details.description,
            tags=list(details.tags),
            privacy=details.privacy,
            publish_at=iso(details.publish_at),
            language=details.language,
            has_captions=preview.has_captions,
            has_thumbnail=preview.has_thumbnail,
        )


class PublicationOut(BaseModel):
    success: bool = True
    id: str
    recording_id: str
    account_id: str | None
    job_id: str | None
    state: str = Field(description="The state of the job; `deleted` if the job was deleted.")
    progress: float
    video_id: str
    url: str = Field(description="The page of the video; empty until it exists.")
    privacy: str = Field(description="As YouTube reports it.")
    title: str
    error: str | None
    hint: str | None
    warnings: list[str]
    created_at: str | None
    uploaded_at: str | None
    publish_at: str | None = Field(description="When YouTube makes a scheduled video public.")
    published_at: str | None = Field(description="The same as `uploaded_at`, for older clients.")

    @classmethod
    def of(cls, publication: ShownPublication) -> PublicationOut:
        row, job = publication.row, publication.job
        publish_at = row.metadata_sent.get("publish_at")
        return cls(
            id=row.id,
            recording_id=row.recording_id,
            account_id=row.account_id,
            job_id=row.job_id,
            state=job.state if job else "deleted",
            progress=job.progress if job else 0.0,
            video_id=row.video_id,
            url=f"https://www.youtube.com/watch?v={row.video_id}" if row.video_id else "",
            privacy=row.privacy,
            title=str(row.metadata_sent.get("title", "")),
            error=job.error_message if job else None,
            hint=job.error_hint if job else None,
            warnings=list(job.warnings) if job else [],
            created_at=iso(row.created_at),
            uploaded_at=iso(row.published_at),
            publish_at=iso(dt.datetime.fromisoformat(publish_at)) if publish_at else None,
            published_at=iso(row.published_at),
        )


class PublicationsOut(BaseModel):
    publications: list[PublicationOut]
