"""The paths of iTube, a video platform: uploads to the store, metadata, lists, and what transcoders and players call.

Each path answers with and without a trailing slash: iTube's documents name one form, and its clients send the other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from flask import Response, jsonify, request
from pydantic import Field

import errors
from domain import ProcessingStatus
from routes.caller import caller, login_required, viewer, viewer_required
from routes.container import container
from routes.endpoints import Blueprint, endpoint
from routes.file_responses import range_responses, send_stored
from routes.list_responses import list_of
from routes.paging import PageQuery, page_response
from routes.service_caller import service_required
from routes.signed_tokens import TokenSigner
from routes.streams import send_stream
from routes.urls import endpoint_url
from schemas.itube import ITubeVideoOut, MetadataIn, StatusQuery, ThumbnailQuery, UploadUrlOut, VideoIdOut
from services.library import direct_uploads, receiving, videos
from services.library.filters import RecordingFilter
from services.library.limits import UploadLimits
from services.library.uploads_in_progress import begin_upload
from services.media import first_bytes
from services.storage import IncomingFile, keys

itube = Blueprint("itube", __name__, scope="content", tag="Videos")
itube_files = Blueprint("itube_files", __name__, scope="content", tag="Videos")
direct_upload = Blueprint("direct", __name__, scope="open", tag="Videos")
_BLOCK_BYTES = 1 << 18
_UPLOAD_TOKENS = TokenSigner("direct-upload", "This upload URL has expired.")


class ListQuery(PageQuery):
    limit: int = Field(200, ge=1, le=200)


@itube.post("/upload-url", strict_slashes=False)
@endpoint(rate_limits=("upload",))
@login_required
@itube.output(UploadUrlOut)
@itube.doc(responses={413: "The quota is exceeded", 429: "Too many uploads"})
def open_upload() -> Any:
    """Return a URL that takes a video by PUT with the content type video/mp4, and its key."""
    components = container()
    key = direct_uploads.open_video(caller(), UploadLimits.from_settings(components.settings), components.store)
    return _upload_url(key, direct_uploads.VIDEO_TYPE)


@itube.post("/thumbnail/upload-url", strict_slashes=False)
@endpoint(rate_limits=("upload",))
@login_required
@itube.input(ThumbnailQuery, location="query")
@itube.output(UploadUrlOut)
@itube.doc(responses={404: "Not an upload of the caller"})
def open_thumbnail_upload(query_data: ThumbnailQuery) -> Any:
    """Return a URL that takes the thumbnail of a video by PUT with the content type image/jpg."""
    upload_limits = UploadLimits.from_settings(container().settings)
    key = direct_uploads.open_thumbnail(caller(), query_data.associated_video_id, upload_limits)
    return _upload_url(key, direct_uploads.THUMBNAIL_TYPE)


@itube.post("/metadata", strict_slashes=False)
@login_required
@itube.input(MetadataIn)
@itube.output(ITubeVideoOut)
@itube.doc(responses={404: "Not an upload of the caller", 409: "The file has not arrived", 413: "Too large", 415: "Not a recording"})
def describe_upload(json_data: MetadataIn) -> Any:
    """Describe an uploaded video. It is then checked and prepared for players in the background."""
    components = container()
    upload_limits, is_external = UploadLimits.from_settings(components.settings), components.settings.transcoder == "external"
    recording = direct_uploads.describe(caller(), json_data.metadata(), upload_limits, components.store, check_only=is_external)
    return ITubeVideoOut.of(recording, ProcessingStatus.IN_PROGRESS)  # as documented, even if the job has ended meanwhile


@itube.get("")
@itube.get("/")
@viewer_required
@itube.input(ListQuery, location="query")
@itube.output(list_of(ITubeVideoOut))
def list_completed(query_data: ListQuery) -> Response:
    """List the public videos that are completed, newest first, as a bare array."""
    page = videos.list_public(RecordingFilter(), "newest", query_data.paging)
    rows = [ITubeVideoOut.of(each.recording, ProcessingStatus.COMPLETED) for each in page.rows]
    return page_response(rows, query_data, page.total)


@itube.get("/<recording_id>", strict_slashes=False)
@viewer_required
@itube.output(ITubeVideoOut)
@itube.doc(responses={404: "Not found"})
def show_completed(recording_id: str) -> Any:
    """Show a public or unlisted video that is completed; to its owner in every state."""
    recording = videos.get(viewer(), recording_id, container().video_cache).recording
    return ITubeVideoOut.of(recording, direct_uploads.status_of(recording))


@itube.get("/by-key/<path:s3_key>")
@endpoint(scope="service")
@service_required("videos")
@itube.output(VideoIdOut)
@itube.doc(responses={404: "Not found"})
def find_by_key(s3_key: str) -> Any:
    """Return the id of the video with this key, for transcoders."""
    return VideoIdOut(video_id=direct_uploads.id_of_key(s3_key.rstrip("/")))


@itube.patch("/<recording_id>/status", strict_slashes=False)
@endpoint(scope="service")
@service_required("videos")
@itube.input(StatusQuery, location="query")
@itube.doc(responses={200: "null", 404: "Not found"})
def report_status(recording_id: str, query_data: StatusQuery) -> Any:
    """Set the processing status of a video, for transcoders."""
    direct_uploads.set_status(recording_id, ProcessingStatus(query_data.status))
    return jsonify(None)


@direct_upload.put("/direct-uploads/<token>")
@direct_upload.doc(
    responses={
        200: "Stored",
        404: "The URL has expired",
        409: "The file was described already",
        413: "Too large",
        415: "Not a recording",
    }
)
def receive_file(token: str) -> Response:
    """Receive a file at an upload URL of this server; the body is the file."""
    token_data = _UPLOAD_TOKENS.verify(token)
    key, user_id = token_data.subject, token_data.user_id
    direct_uploads.check_open(key, user_id)
    components = container()
    is_thumbnail = keys.is_thumbnail(key)
    limit = direct_uploads.MAX_THUMBNAIL_BYTES if is_thumbnail else components.settings.max_upload_bytes
    request.max_content_length = limit
    with begin_upload(user_id, components.settings.user_concurrent_uploads) as upload:
        file = receiving.open_direct_sink(components.settings, components.store, upload, request.content_length, limit, key)
        try:
            receive_body(file, first_bytes.check_picture if is_thumbnail else first_bytes.check_recording)
            direct_uploads.store_file(file, key, user_id, components.store)
        finally:
            file.discard()
    return Response(status=200)


@itube_files.get("/videos/<user_id>/<filename>/<name>")
@viewer_required
@itube_files.doc(responses=range_responses("The file"))
def video_file(user_id: str, filename: str, name: str) -> Response:
    """Send a manifest, a playlist or a rendition at the URL that iTube's client derives from the key of a video."""
    recording_id = direct_uploads.find_by_key(f"videos/{user_id}/{filename}")
    return send_stream(videos.get_viewable(viewer(), recording_id), name)


@itube_files.get("/thumbnails/<user_id>/<filename>")
@viewer_required
@itube_files.doc(responses=range_responses("The picture"))
def thumbnail_file(user_id: str, filename: str) -> Response:
    """Send the thumbnail of a video: the one that its owner has sent, else a frame."""
    recording = videos.get_viewable(viewer(), direct_uploads.find_by_key(f"thumbnails/{user_id}/{filename}"))
    thumbnail = direct_uploads.open_thumbnail_file(recording, container().store)
    if thumbnail is None:
        return send_stream(recording, "poster.jpg")
    key, size_bytes, content_type = thumbnail
    return send_stored(key, filename, content_type, size_bytes)


def receive_body(file: IncomingFile, check_start: Callable[[bytes], None]) -> None:
    """Write the body to the file, block by block. `check_start` gets its first bytes and may refuse the rest."""
    start = request.stream.read(first_bytes.LENGTH)
    while start and len(start) < first_bytes.LENGTH and (next_block := request.stream.read(first_bytes.LENGTH - len(start))):
        start += next_block
    if not start:
        raise errors.EmptyFile
    check_start(start)
    file.write(start)
    while block := request.stream.read(_BLOCK_BYTES):
        file.write(block)


def _upload_url(key: str, content_type: str) -> UploadUrlOut:
    """Return a URL of the store, or one of this server if the store has none."""
    components = container()
    lifetime = dt.timedelta(seconds=components.settings.signed_url_s)
    url = components.store.signed_put(key, content_type, lifetime)
    if url is None:
        url = endpoint_url("direct.receive_file", token=_UPLOAD_TOKENS.sign(key, caller()))
    return UploadUrlOut(url=url, media_id=key)
