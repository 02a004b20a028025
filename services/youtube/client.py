"""The YouTube Data API v3: channels, resumable uploads, thumbnails and captions.

Plain requests: Google's client library can't be pointed at another server without a discovery document, and brings 30 MB of them.
The protocol: https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import errors
from lib import http_client
from lib.clock import iso
from lib.http_client import FullResponse
from services.youtube.port import (
    Channel,
    ChannelDisconnected,
    ChannelLimitReached,
    QuotaUsedUp,
    SessionGone,
    UploadedVideo,
    VideoDetails,
    YouTubeRefused,
)

_TIMEOUT_S = 60.0
_CHUNK_TIMEOUT_S = 600.0
_QUOTA_REASONS = ("quotaExceeded", "dailyLimitExceeded")
_LIMIT_REASONS = ("uploadLimitExceeded", "uploadRateLimitExceeded", "videoTooLong")
_BUSY_REASONS = ("rateLimitExceeded", "userRateLimitExceeded", "backendError")
_RANGE = re.compile(r"bytes=0-(\d+)")


class AccessRefused(errors.LecternError):
    """The access token is not accepted; a new one may be."""

    code = "youtube_access_refused"


@dataclass(frozen=True)
class UploadState:
    """The progress of an upload: the bytes that YouTube has, and the video once it has all of them."""

    received_bytes: int
    video: UploadedVideo | None = None


@dataclass(frozen=True)
class YouTubeClient:
    """Raises AccessRefused, QuotaUsedUp, ChannelLimitReached, YouTubeRefused, and TransientError while YouTube does not answer."""

    api_url: str
    access_token: str

    def channel(self) -> Channel:
        """Return the channel that the user has chosen."""
        found = self._json("GET", "/youtube/v3/channels", {"part": "snippet", "mine": "true"}).get("items") or []
        if not found:
            raise YouTubeRefused("This Google account has no channel.")
        return Channel(str(found[0]["id"])[:64], str(found[0]["snippet"].get("title", ""))[:200])

    def begin_upload(self, details: VideoDetails, size_bytes: int, content_type: str) -> str:
        """Begin an upload and return its session URL."""
        status: dict[str, Any] = {"privacyStatus": details.privacy, "selfDeclaredMadeForKids": details.made_for_kids}
        if details.publish_at is not None:
            status |= {"privacyStatus": "private", "publishAt": iso(details.publish_at)}
        snippet: dict[str, Any] = {"title": details.title, "description": details.description, "categoryId": details.category_id}
        snippet |= {"tags": list(details.tags)} if details.tags else {}
        snippet |= {"defaultLanguage": details.language, "defaultAudioLanguage": details.language} if details.language else {}
        headers = {"X-Upload-Content-Length": str(size_bytes), "X-Upload-Content-Type": content_type, "Content-Type": "application/json"}
        query = {"uploadType": "resumable", "part": "snippet,status"}
        body = json.dumps({"snippet": snippet, "status": status}).encode()
        response = self._send("POST", "/upload/youtube/v3/videos", query, body, headers)
        location = response.headers.get("Location", "")
        if urlsplit(location)[:2] != urlsplit(self.api_url)[:2]:
            raise YouTubeRefused("The upload would go to another server.")
        return location

    def upload_state(self, session_url: str, size_bytes: int) -> UploadState:
        """Ask how far an upload has come. Raises SessionGone."""
        return self._put(session_url, b"", f"bytes */{size_bytes}", _TIMEOUT_S)

    def upload_part(self, session_url: str, part: bytes, start: int, size_bytes: int) -> UploadState:
        """Send a part of the file. Raises SessionGone."""
        return self._put(session_url, part, f"bytes {start}-{start + len(part) - 1}/{size_bytes}", _CHUNK_TIMEOUT_S)

    def video(self, video_id: str) -> UploadedVideo | None:
        """Return a video as it is now, or None if it does not exist."""
        found = self._json("GET", "/youtube/v3/videos", {"part": "status", "id": video_id}).get("items") or []
        return _video(found[0]) if found else None

    def set_thumbnail(self, video_id: str, jpeg: bytes) -> None:
        self._send("POST", "/upload/youtube/v3/thumbnails/set", {"videoId": video_id}, jpeg, {"Content-Type": "image/jpeg"})

    def add_captions(self, video_id: str, language: str, name: str, captions: bytes) -> None:
        """Add a caption track; costs 400 units of the quota."""
        snippet = {"snippet": {"videoId": video_id, "language": language, "name": name, "isDraft": False}}
        boundary = f"lectern-{secrets.token_hex(12)}"
        parts = (("application/json; charset=UTF-8", json.dumps(snippet).encode()), ("application/octet-stream", captions))
        body = b"".join(f"--{boundary}\r\nContent-Type: {kind}\r\n\r\n".encode() + content + b"\r\n" for kind, content in parts)
        headers = {"Content-Type": f"multipart/related; boundary={boundary}"}
        query = {"uploadType": "multipart", "part": "snippet"}
        self._send("POST", "/upload/youtube/v3/captions", query, body + f"--{boundary}--\r\n".encode(), headers)

    def _put(self, session_url: str, body: bytes, content_range: str, timeout_s: float) -> UploadState:
        headers = {**self._authorization, "Content-Range": content_range, "Content-Length": str(len(body))}
        response = http_client.send("PUT", session_url, body, headers, timeout_s=timeout_s, allow_private=True)
        if response.status == 308:
            match = _RANGE.fullmatch(response.headers.get("Range", ""))
            return UploadState(int(match[1]) + 1 if match else 0)
        if response.status in (404, 410):
            raise SessionGone
        _raise_for_status(response)
        video = _video(_parse(response))
        return UploadState(-1, video)

    def _json(self, method: str, path: str, query: Mapping[str, str]) -> dict[str, Any]:
        return _parse(self._send(method, path, query, None, {"Accept": "application/json"}))

    def _send(self, method: str, path: str, query: Mapping[str, str], body: bytes | None, headers: Mapping[str, str]) -> FullResponse:
        url = f"{self.api_url.rstrip('/')}{path}?{urlencode(query)}"
        response = http_client.send(method, url, body, {**headers, **self._authorization}, timeout_s=_TIMEOUT_S, allow_private=True)
        _raise_for_status(response)
        return response

    @property
    def _authorization(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.access_token}"}


def _raise_for_status(response: FullResponse) -> None:
    if response.status < 300:
        return
    try:
        error = json.loads(response.text)["error"]
        reason = str((error.get("errors") or [{}])[0].get("reason", ""))
        message = str(error.get("message", ""))[:300]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError):
        reason, message = "", response.text[:200]
    if response.status == 401:
        raise AccessRefused(message)
    if reason in _QUOTA_REASONS:
        raise QuotaUsedUp
    if reason in _LIMIT_REASONS:
        raise ChannelLimitReached(message)
    if reason == "youtubeSignupRequired":
        raise ChannelDisconnected(message)
    if response.status == 429 or reason in _BUSY_REASONS:
        raise errors.ProviderBusy(f"YouTube answered {response.status}. {message}")
    if response.status >= 500:
        raise errors.ProviderDown(f"YouTube answered {response.status}. {message}")
    raise YouTubeRefused(f"It answered {response.status} {reason}: {message}")


def _parse(response: FullResponse) -> dict[str, Any]:
    try:
        return dict(json.loads(response.text))
    except (ValueError, TypeError) as error:
        raise errors.ProviderDown("YouTube answered something that is not JSON.") from error


def _video(item: Mapping[str, Any]) -> UploadedVideo:
    return UploadedVideo(str(item["id"])[:64], str((item.get("status") or {}).get("privacyStatus", ""))[:16])
