"""A resumable upload: https://developers.google.com/youtube/v3/guides/using_resumable_upload_protocol."""

from __future__ import annotations

import re
from typing import Any

from googleapiclient.errors import HttpError
from googleapiclient.http import HttpRequest, MediaIoBaseUpload

from services.youtube import responses
from services.youtube.port import UploadedVideo

_RANGE = re.compile(r"bytes=0-(\d+)")


class FileParts(MediaIoBaseUpload):  # type: ignore[misc]
    """Reads parts of a file as bytes: a stream could not be sent again with a new access token."""

    def has_stream(self) -> bool:
        return False


class Upload:
    """An upload that continues with the bytes that YouTube has. `video` is None until YouTube has created it."""

    def __init__(self, request: HttpRequest, session_url: str) -> None:
        request.resumable_uri = session_url
        self._request = request
        self.size_bytes = int(request.resumable.size())
        self.video: UploadedVideo | None = None

    @property
    def received_bytes(self) -> int:
        """The number of bytes that YouTube has."""
        return int(self._request.resumable_progress)

    def query_status(self) -> None:
        """Ask YouTube which bytes it has received. Raises SessionGone."""
        headers = {"content-range": f"bytes */{self.size_bytes}"}
        request = HttpRequest(self._request.http, self._request.postproc, self._request.resumable_uri, method="PUT", headers=headers)
        with responses.translate_errors(of_upload=True):
            try:
                self.video = responses.read_video(request.execute())
            except HttpError as error:
                if error.resp.status != 308:
                    raise
                match = _RANGE.fullmatch(error.resp.get("range", ""))
                self._request.resumable_progress = int(match[1]) + 1 if match else 0

    def send_part(self) -> None:
        """Send the next part; if YouTube has all bytes but no video yet, ask for the video. Raises SessionGone."""
        if self.received_bytes >= self.size_bytes:
            self.query_status()
            return
        with responses.translate_errors(of_upload=True):
            response: dict[str, Any] | None = self._request.next_chunk()[1]
            self.video = None if response is None else responses.read_video(response)
