"""Download one file over HTTP, and continue a partial one with Range and If-Range (RFC 9110, 13.1.5 and 14)."""

from __future__ import annotations

import contextlib
import json
import mimetypes
import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

import errors
from lib import http_client
from lib.http_client import Download
from lib.process import Report
from services.downloaders.port import DownloadRequest

USER_AGENT = "Mozilla/5.0 (compatible; Lectern)"
_MAX_INTERRUPTIONS = 5  # in a row, without a single new byte
_MEDIA_TYPES = ("video/", "audio/")
_BINARY_TYPES = ("application/octet-stream", "application/ogg", "application/mp4", "application/x-matroska", "binary/octet-stream")
_PLAYLIST_TYPES = ("audio/mpegurl", "audio/x-mpegurl", "video/vnd.mpeg.dash.mpd")
_KINDS = {
    401: errors.LinkPrivate,
    403: errors.LinkPrivate,
    404: errors.LinkNotFound,
    410: errors.LinkNotFound,
    451: errors.LinkGeoBlocked,
}
_CONTENT_RANGE = re.compile(r"bytes ([0-9]{1,18})-[0-9]{1,18}/([0-9]{1,18}|\*)")
_SIZE = re.compile("[0-9]{1,18}")


class NotAFile(Exception):
    """The response is a page or a playlist. `page` is its start, `url` its address."""

    def __init__(self, url: str, page: str) -> None:
        super().__init__(url)
        self.url, self.page = url, page


@dataclass(frozen=True)
class PartialFile:
    """The state of a download in its folder: the file, and a second file with the identifier of the server's version."""

    path: Path

    @property
    def _state_path(self) -> Path:
        return self.path.with_name(self.path.name + ".json")

    def range_headers(self, identity: str) -> dict[str, str]:
        """Return the headers that ask for the rest of the file; none if there is no usable part."""
        state, size = self.state(), self.path.stat().st_size if self.path.exists() else 0
        if state.get("identity") != identity or not state.get("validator") or not size:
            return {}
        return {"Range": f"bytes={size}-", "If-Range": state["validator"]}

    def state(self) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError):
            state: dict[str, Any] = json.loads(self._state_path.read_text())
            return state
        return {}

    def begin(self, identity: str, response: Download) -> None:
        """Empty the file and remember which version of it follows; a weak ETag can't continue a download."""
        headers = response.headers
        etag = headers.get("ETag", "")
        validator = etag if etag and not etag.startswith("W/") else headers.get("Last-Modified", "")
        self.path.write_bytes(b"")
        self._state_path.write_text(
            json.dumps({"identity": identity, "validator": validator, "filename": file_name(response.url, headers)})
        )


def download(
    request: DownloadRequest, url: str, report: Report, *, identity: str = "", credentials: str = "", page_bytes: int = 2**20
) -> tuple[str, str]:
    """Download the file at `url` and return its name in the folder and the one that the server gives.

    `identity` names the file where its URL changes with each download. Raises NotAFile, TooLarge, LinkUnusable and TransientError.
    """
    part, identity, interruptions = PartialFile(request.path("file")), identity or url, 0
    while True:
        size_before = part.path.stat().st_size if part.path.exists() else 0
        headers = {"User-Agent": USER_AGENT, **part.range_headers(identity)}
        try:
            with http_client.open_download(url, request.policy, headers=headers, credentials=credentials) as response:
                _check_response(response, page_bytes, is_range="Range" in headers)
                _receive(response, part, identity, request.max_bytes, report)
            return part.path.name, str(part.state().get("filename", ""))
        except http_client.NoAnswer:
            grown = part.path.exists() and part.path.stat().st_size > size_before
            interruptions = 0 if grown else interruptions + 1
            if interruptions >= _MAX_INTERRUPTIONS or not (grown or size_before):
                raise


def _check_response(response: Download, page_bytes: int, *, is_range: bool) -> None:
    if response.status == 416 and is_range:
        return
    raise_for_status(response)
    kind = response.headers.get("Content-Type", "application/octet-stream").partition(";")[0].strip().lower()
    is_media = kind.startswith(_MEDIA_TYPES) or kind in _BINARY_TYPES or (not kind.startswith("text/") and _has_media_name(response))
    if not is_media or kind in _PLAYLIST_TYPES:
        raise NotAFile(response.url, response.text(page_bytes))


def _has_media_name(response: Download) -> bool:
    media_type, _ = mimetypes.guess_type(file_name(response.url, response.headers))
    return media_type is not None and media_type.startswith(_MEDIA_TYPES) and media_type not in _PLAYLIST_TYPES


def raise_for_status(response: Download) -> None:
    """Raise the error for a status other than 200 and 206."""
    status, detail = response.status, f"The server responded with {response.status}."
    if status in (200, 206):
        return
    if status == 429:
        seconds = response.headers.get("Retry-After", "")
        raise errors.ProviderBusy(detail, wait_s=int(seconds) if seconds.isascii() and seconds.isdigit() and len(seconds) < 6 else None)
    if status >= 500:
        raise errors.ProviderDown(detail)
    raise _KINDS.get(status, errors.LinkUnusable)(detail)


def _receive(response: Download, part: PartialFile, identity: str, max_bytes: int, report: Report) -> None:
    """Append the body to the file. A server that sends another part than the requested one makes the download begin again."""
    part_bytes = part.path.stat().st_size if part.path.exists() else 0
    start, total = _range_of(response)
    if response.status == 416:
        if total == part_bytes:
            return
        part.path.unlink(missing_ok=True)
        raise http_client.NoAnswer("The part that is there does not fit.")
    if response.status == 206 and start != part_bytes:
        part.path.unlink(missing_ok=True)
        raise http_client.NoAnswer("The server sent another part.")
    if response.status == 200:
        part.begin(identity, response)
        part_bytes = 0
    _check_size(max(total, part_bytes), max_bytes)
    with part.path.open("ab", buffering=0) as file:
        for block in response.blocks:
            file.write(block)
            part_bytes += len(block)
            _check_size(part_bytes, max_bytes)
            report(part_bytes, max(total, part_bytes))
    if total and part_bytes < total:
        raise http_client.NoAnswer(f"The connection ended after {part_bytes} of {total} bytes.")


def _range_of(response: Download) -> tuple[int, int]:
    """Return the offset of the body and the size of the whole file, 0 if it is not stated."""
    header = response.headers.get("Content-Range", "")
    if response.status == 416:
        size = header.rpartition("/")[2]
        return 0, int(size) if _SIZE.fullmatch(size) else 0
    match = _CONTENT_RANGE.fullmatch(header.strip())
    if response.status == 206 and match:
        return int(match[1]), int(match[2]) if match[2] != "*" else 0
    length = response.headers.get("Content-Length", "")
    return 0, int(length) if response.status == 200 and _SIZE.fullmatch(length) else 0


def _check_size(size: int, max_bytes: int) -> None:
    if size > max_bytes:
        raise errors.TooLarge(f"The limit is {max_bytes} bytes.")


def file_name(url: str, headers: Mapping[str, str]) -> str:
    """Return the name in Content-Disposition (RFC 6266), else the last part of the URL's path, with an extension of the content type."""
    message = Message()
    message["Content-Disposition"] = _as_utf8(headers.get("Content-Disposition", ""))
    name = message.get_filename() or unquote(PurePosixPath(urlsplit(url).path).name)
    if "." not in name:
        name += mimetypes.guess_extension(headers.get("Content-Type", "").partition(";")[0].strip()) or ""
    return name


def _as_utf8(header: str) -> str:
    """Headers arrive as Latin-1; many servers send UTF-8."""
    with contextlib.suppress(UnicodeError):
        return header.encode("latin-1").decode("utf-8").replace("\n", " ").replace("\r", " ")
    return header
