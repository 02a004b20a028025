"""Links to recordings: requests."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, Field, StrictBool, StringConstraints

from lib.validation_messages import HTTP_URL
from schemas.options import LectureOptions
from schemas.webhooks import JOB_WEBHOOK, JobWebhookIn
from services.documents import FORMATS
from services.links.submit import Link

LinkUrl = Annotated[str, StringConstraints(strip_whitespace=True, min_length=8, max_length=2000, pattern=rf"^{HTTP_URL}$")]


class DownloadOptionsIn(LectureOptions):
    """Options of downloads, and those of the conversion that follows."""

    url: LinkUrl
    title: str = Field("", max_length=500)
    password: str = Field("", max_length=200, description="Password of a share of Nextcloud.")
    audio_only: StrictBool | None = Field(
        None,
        description="Download the audio alone where the site offers it; the documents have no slides. "
        "If omitted: if no format has pictures (`txt`, `srt` and `vtt`).",
    )

    def link(self) -> Link:
        has_pictures = any(FORMATS[name].has_pictures for name in self.formats)
        return Link(self.url, self.title, self.password, audio_only=not has_pictures if self.audio_only is None else self.audio_only)


class LinkIn(DownloadOptionsIn, JobWebhookIn):
    """A link, and the options of the conversion that follows the download."""

    url: LinkUrl = Field(description="http or https URL of a media file, a video page, a file of Google Drive or a share of Nextcloud.")
    title: str = Field("", max_length=500, description="Title of the recording; if omitted, that of the page, the first slide or the file.")


DOWNLOAD_FIELDS = frozenset({"url", "title", "password", "audio_only"})
LINK_FIELDS = DOWNLOAD_FIELDS | JOB_WEBHOOK


class ImportUrlIn(BaseModel):
    """Thakii's request for an import; `filename` becomes the title."""

    url: LinkUrl
    filename: str = Field("", max_length=500)


class ImportUrlOut(BaseModel):
    success: bool = True
    video_id: str
    message: str
    job_id: str
    links: dict[str, str]
