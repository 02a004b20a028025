"""The YouTube Data API v3 by Google's official client: channels, uploads, thumbnails and captions."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, BinaryIO

from googleapiclient.discovery import build_from_document
from googleapiclient.discovery_cache import get_static_doc
from googleapiclient.http import HttpRequest, MediaInMemoryUpload

from lib.clock import iso
from services.youtube import responses
from services.youtube.oauth import AccessToken
from services.youtube.port import Channel, UploadedVideo, VideoDetails, YouTubeRefused
from services.youtube.transport import check_server, create_authorized_http
from services.youtube.upload import FileParts, Upload

_VIDEO_PARTS = "snippet,status"


class YouTubeClient:
    """Raises ChannelDisconnected, QuotaUsedUp, ChannelLimitReached, YouTubeRefused, and TransientError while YouTube does not answer."""

    def __init__(self, api_url: str, fetch_token: Callable[[], AccessToken]) -> None:
        self.api_url = api_url
        self._service = _build_service(api_url, create_authorized_http(api_url, fetch_token))

    def get_channel(self) -> Channel:
        """Return the channel that the user has chosen."""
        with responses.translate_errors():
            channels = responses.read_items(self._service.channels().list(part="snippet", mine=True).execute())
            if not channels:
                raise YouTubeRefused("This Google account has no channel.")
            return responses.read_channel(channels[0])

    def begin_upload(self, details: VideoDetails, file: BinaryIO, content_type: str) -> str:
        """Begin an upload and return its session URL. Sends no part yet, so that the caller can store the URL first."""
        media = FileParts(file, content_type, resumable=True)
        with responses.translate_errors():
            request = self._service.videos().insert(part=_VIDEO_PARTS, body=_video_resource(details), media_body=media)
            request.headers |= {"X-Upload-Content-Length": str(media.size()), "X-Upload-Content-Type": media.mimetype()}
            request.resumable, request.postproc = None, HttpRequest.null_postproc  # next_chunk() would send the first part, too
            location = str(request.execute()[0].get("location", ""))
        check_server(self.api_url, location)
        return location

    def resume_upload(self, session_url: str, file: BinaryIO, part_bytes: int) -> Upload:
        """Return an interrupted upload, which continues after the bytes that YouTube has. Raises SessionGone."""
        media = FileParts(file, "video/*", chunksize=part_bytes, resumable=True)
        upload = Upload(self._service.videos().insert(part=_VIDEO_PARTS, media_body=media), session_url)
        upload.query_status()
        return upload

    def get_video(self, video_id: str) -> UploadedVideo | None:
        """Return the present state of a video, or None if it does not exist."""
        with responses.translate_errors():
            videos = responses.read_items(self._service.videos().list(part="status", id=video_id).execute())
            return responses.read_video(videos[0]) if videos else None

    def set_thumbnail(self, video_id: str, jpeg: bytes) -> None:
        with responses.translate_errors():
            self._service.thumbnails().set(videoId=video_id, media_body=MediaInMemoryUpload(jpeg, "image/jpeg")).execute()

    def add_captions(self, video_id: str, language: str, name: str, captions: bytes) -> None:
        """Add a caption track; costs 400 units of the quota."""
        resource = {"snippet": {"videoId": video_id, "language": language, "name": name, "isDraft": False}}
        with responses.translate_errors():
            self._service.captions().insert(part="snippet", body=resource, media_body=MediaInMemoryUpload(captions)).execute()


def _build_service(api_url: str, http: Any) -> Any:
    """Return the methods of the API. Its description comes with the client; uploads go to `rootUrl`, whatever `api_endpoint` says."""
    description = json.loads(get_static_doc("youtube", "v3"))
    return build_from_document({**description, "rootUrl": f"{api_url.rstrip('/')}/"}, http=http)


def _video_resource(details: VideoDetails) -> dict[str, Any]:
    status: dict[str, Any] = {"privacyStatus": details.privacy, "selfDeclaredMadeForKids": details.made_for_kids}
    if details.publish_at is not None:
        status |= {"privacyStatus": "private", "publishAt": iso(details.publish_at)}
    snippet: dict[str, Any] = {"title": details.title, "description": details.description, "categoryId": details.category_id}
    snippet |= {"tags": list(details.tags)} if details.tags else {}
    snippet |= {"defaultLanguage": details.language, "defaultAudioLanguage": details.language} if details.language else {}
    return {"snippet": snippet, "status": status}
