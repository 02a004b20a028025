"""Playback: addresses for players that send no headers, and the files behind them.

The token is a part of the path, so that the relative addresses in playlists lead to files with the same token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from flask import Response, request
from pydantic import BaseModel, Field

import errors
from domain import Visibility
from routes.caller import caller, login_required, viewer, viewer_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import InlineQuery, range_responses, send_artifact, send_recording
from routes.signed_tokens import TokenSigner
from routes.urls import endpoint_cdn_url, endpoint_url
from schemas.accounts import MessageOut
from schemas.recordings import JobOut
from services.library import streaming_jobs, streams, videos
from services.library.limits import UploadLimits
from services.library.streams import StreamText
from services.media.streaming import POSTER
from services.reactions import views
from services.sharing import links as sharing

if TYPE_CHECKING:
    from models import Recording
    from services.accounts import Caller

playback = Blueprint("playback", __name__, scope="content", tag="Videos")
stream_files = Blueprint("stream_files", __name__, scope="open", tag="Videos")
_ORIGINAL = "original"
_CACHE_S = 60  # for which a file may still be shown after its recording has become private
_DOCUMENT = "document."  # begins the names of the documents of shared recordings
_SHARE = "share:"  # begins the subject of a token that a share link has opened; the others are of a recording
_TOKENS = TokenSigner("stream", "This address has expired, or the recording is no longer visible.")


class PlaybackOut(BaseModel):
    """Addresses open without a header until they expire; an empty one: there is no such file."""

    hls: str = Field(description="Master playlist.")
    dash: str = Field(description="Manifest over the same segments.")
    original: str = Field(description="The file as it was uploaded, by byte range.")
    poster: str
    thumbnails: str = Field(description="WebVTT that names parts of a sheet of thumbnails.")
    captions: str = Field(description="WebVTT.")
    chapters: str = Field(description="WebVTT.")
    expires_in: int


@playback.get("/videos/<recording_id>/playback")
@viewer_required
@playback.output(PlaybackOut)
@playback.doc(responses={404: "Not found"})
def show_playback(recording_id: str) -> Any:
    """Return addresses for a player. They end when the recording becomes private, and with the viewer's sessions."""
    watching = viewer()
    recording = videos.get_viewable(watching, recording_id)
    body = playback_of(recording, *_token(recording, watching))
    views.count(recording, watching, request.remote_addr or "")
    return body


def _token(recording: Recording, watching: Caller | None) -> tuple[str, int]:
    """Return a token for a viewer, and its lifetime in seconds. Behind a CDN, all viewers of a public recording get the same one."""
    if container().settings.cdn_url and recording.visibility == Visibility.PUBLIC and videos.may_watch(None, recording):
        return _TOKENS.sign_for_all(recording.id)
    return _TOKENS.sign(recording.id, watching), container().settings.signed_url_s


def playback_of(recording: Recording, token: str, expires_in_s: int) -> PlaybackOut:
    """Return the addresses of a recording's files with this token."""
    files = streams.files_of(recording)

    def url(name: str) -> str:
        return endpoint_cdn_url("stream_files.stream_file", token=token, name=name) if name else ""

    return PlaybackOut(
        hls=url(files.hls),
        dash=url(files.dash),
        original=url(_ORIGINAL if recording.storage_key else ""),
        poster=url(files.poster),
        thumbnails=url(files.thumbnails),
        captions=url(files.captions),
        chapters=url(files.chapters),
        expires_in=expires_in_s,
    )


def file_urls(recording: Recording) -> tuple[str, str]:
    """Return the addresses of a recording's file and of its picture for the caller, "" for one that it has not."""
    token = _TOKENS.sign(recording.id, caller())

    def url(name: str) -> str:
        return endpoint_url("stream_files.stream_file", token=token, name=name)

    return url(_ORIGINAL) if recording.storage_key else "", url(POSTER) if recording.has_poster else ""


@playback.post("/recordings/<recording_id>/streams")
@login_required
@playback.output(JobOut, status_code=201)
@playback.doc(responses={404: "Not found", 409: "It is being prepared already", 413: "The quota is used up"})
def prepare_streams(recording_id: str) -> Any:
    """Prepare a recording for players: HLS and DASH in several sizes, thumbnails and a poster."""
    return JobOut.of(streaming_jobs.request(caller(), recording_id, UploadLimits.from_settings(container().settings)))


@playback.delete("/recordings/<recording_id>/streams")
@login_required
@playback.output(MessageOut)
@playback.doc(responses={404: "Not found", 409: "They are being prepared"})
def discard_streams(recording_id: str) -> Any:
    """Delete the streams and thumbnails of a recording. Players then load the file itself, if they can play it."""
    streaming_jobs.discard(caller(), recording_id, container().store)
    return MessageOut(message="Deleted.")


@stream_files.get("/stream/<token>/<name>")
@endpoint(quiet=True)
@stream_files.doc(responses=range_responses("The file"))
def stream_file(token: str, name: str) -> Response:
    """Send a file to a player."""
    recording, is_shared = _recording_of(token)
    format_name = name.removeprefix(_DOCUMENT)
    if is_shared and format_name != name:
        return send_artifact(sharing.document_of(recording, format_name), InlineQuery(inline=False))
    response = send_stream(recording, name)
    if container().settings.cdn_url:
        # The page loads these files from another origin; the token in the address is all that they need.
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = f"public, max-age={_CACHE_S}"
    return response


def send_stream(recording: Recording, name: str) -> Response:
    """Send a file of a recording that the viewer may watch."""
    if name == _ORIGINAL:
        response = send_recording(recording)
    else:
        content = streams.open_file(recording, name, container().store)
        if isinstance(content, StreamText):
            response = Response(content.content, content_type=content.content_type)
            response.headers["X-Content-Type-Options"] = "nosniff"
        else:
            response = send_artifact(content, InlineQuery(inline=True))
    response.headers["Cache-Control"] = f"private, max-age={_CACHE_S}"
    return response


def share_token(link_id: str) -> tuple[str, int]:
    """Return a token for the files of the recording that a share link has opened, and its seconds; it ends when the link does."""
    subject, settings = f"{_SHARE}{link_id}", container().settings
    return _TOKENS.sign_for_all(subject) if settings.cdn_url else (_TOKENS.sign(subject), settings.signed_url_s)


def _recording_of(token: str) -> tuple[Recording, bool]:
    """Return the recording of an address for players, and whether a share link opened it. Raises NotFound."""
    token_data = _TOKENS.verify(token)
    if token_data.subject.startswith(_SHARE):
        return sharing.recording_of(token_data.subject.removeprefix(_SHARE)), True
    try:
        return videos.get_linked(token_data.subject, token_data.user_id), False
    except errors.NotFound:
        raise _TOKENS.error() from None
