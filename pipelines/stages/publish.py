"""The stages that publish a video on YouTube. An interrupted upload continues with the bytes that YouTube has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import errors
from lib.serialization import from_plain, read_json, write_json
from pipelines.stage import StageInput
from services.youtube import YouTubeOptions
from services.youtube.port import SessionGone, UploadedVideo, VideoDetails

if TYPE_CHECKING:
    from services.youtube.client import YouTubeClient

SOURCE, CAPTIONS, THUMBNAIL = "video_file", "captions_file", "thumbnail_file"
SESSION_FILE, VIDEO_FILE, EXTRAS_FILE = "upload_session.json", "youtube_video.json", "youtube_extras.json"
_RENEWED_SESSION = "upload_session.renewed.json"
_MAX_THUMBNAIL_BYTES = 2 * 2**20
_MAX_EMPTY_ANSWERS = 10


@dataclass(frozen=True)
class UploadSession:
    """The address of an upload. The URL is as good as a password for this one video."""

    url: str


@dataclass(frozen=True)
class Extras:
    """The things that were added to a video, and its privacy as YouTube reports it; `warnings` are sentences for the user."""

    privacy: str
    has_captions: bool = False
    has_thumbnail: bool = False
    warnings: tuple[str, ...] = ()


def begin(stage_input: StageInput) -> None:
    """Make upload_session.json: begin the upload, which makes no video yet."""
    write_json(stage_input.work.path(SESSION_FILE), _begin(stage_input))


def upload(stage_input: StageInput) -> None:
    """Make youtube_video.json: send the file in parts. The session belongs to one video, however often it is continued."""
    work = stage_input.work
    renewed_session = work.path(_RENEWED_SESSION)
    session = read_json(UploadSession, renewed_session if renewed_session.exists() else work.path(SESSION_FILE))
    try:
        video = _send(stage_input, session)
    except SessionGone:  # after a week without a byte
        session = _begin(stage_input)
        write_json(renewed_session, session)
        video = _send(stage_input, session)
    write_json(work.path(VIDEO_FILE), video)
    renewed_session.unlink(missing_ok=True)


def complete(stage_input: StageInput) -> None:
    """Make youtube_extras.json: add captions and thumbnail, and compare the privacy with what was asked for. Failures are warnings."""
    client, work, options = _client(stage_input), stage_input.work, stage_input.options
    video = read_json(UploadedVideo, work.path(VIDEO_FILE))
    warnings = list[str]()
    has_captions, has_thumbnail = False, False
    if options.get("captions") and work.has(CAPTIONS):
        captions = work.path(CAPTIONS).read_bytes()
        language = str(options.get("captions_language") or "en")
        try:
            client.add_captions(video.id, language, "", captions)
            has_captions = True
        except errors.LecternError as error:
            _warn(warnings, "The captions were not added", error)
    stage_input.check()
    if options.get("thumbnail") and work.has(THUMBNAIL):
        jpeg = work.path(THUMBNAIL).read_bytes()
        try:
            if len(jpeg) <= _MAX_THUMBNAIL_BYTES:
                client.set_thumbnail(video.id, jpeg)
                has_thumbnail = True
        except errors.LecternError as error:
            _warn(warnings, "The thumbnail was not set", error)
    current = client.get_video(video.id) or video
    details = _details(options)
    requested_privacy = "private" if details.publish_at else details.privacy
    if current.privacy and current.privacy != requested_privacy:
        warnings.append(
            f"YouTube made the video {current.privacy} instead of {requested_privacy}. Videos of Google projects that were not audited stay"
            " private: the operator can ask Google for an audit of the API client."
        )
    write_json(work.path(EXTRAS_FILE), Extras(current.privacy, has_captions, has_thumbnail, tuple(warnings)))


def _begin(stage_input: StageInput) -> UploadSession:
    content_type = str(stage_input.options.get("content_type") or "video/*")
    with stage_input.work.path(SOURCE).open("rb") as file:
        return UploadSession(_client(stage_input).begin_upload(_details(stage_input.options), file, content_type))


def _send(stage_input: StageInput, session: UploadSession) -> UploadedVideo:
    part_bytes = stage_input.engines.get(YouTubeOptions).chunk_bytes
    with stage_input.work.path(SOURCE).open("rb") as file:
        upload = _client(stage_input).resume_upload(session.url, file, part_bytes)
        empty_answers = 0
        while upload.video is None:
            stage_input.report(upload.received_bytes, upload.size_bytes)
            start = upload.received_bytes
            upload.send_part()
            empty_answers = 0 if upload.received_bytes > start else empty_answers + 1
            if upload.video is None and empty_answers >= _MAX_EMPTY_ANSWERS:
                raise errors.ProviderDown("YouTube keeps none of the bytes that it gets.")
    stage_input.report(upload.size_bytes, upload.size_bytes)
    return upload.video


def _client(stage_input: StageInput) -> YouTubeClient:
    return stage_input.engines.get(YouTubeOptions).client_of_channel(str(stage_input.options["sealed_token"]))


def _details(options: Mapping[str, Any]) -> VideoDetails:
    return from_plain(VideoDetails, options["details"])


def _warn(warnings: list[str], text: str, error: errors.LecternError) -> None:
    if isinstance(error, errors.TransientError | errors.Cancelled):
        raise error
    warnings.append(f"{text}: {error.message} {error.detail}".strip())
