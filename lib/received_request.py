"""The bytes of a request that have arrived. Each is examined once, however many times the question is asked: it may come byte by byte."""

from __future__ import annotations

import re

MAX_SMALL_BODY_BYTES = 64 * 1024
MAX_HEADER_BYTES = 128 * 1024
_END_OF_HEADERS = b"\r\n\r\n"
_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_EXPECTS_CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class ReceivedRequest:
    """Collects a request until a thread can serve it without waiting for its headers or a small body."""

    def __init__(self, data: bytes = b"") -> None:
        self._data = bytearray()
        self._headers_end: int | None = None
        self._needed_bytes = 0  # headers and small body, once the headers have arrived
        self.append(data)

    def append(self, data: bytes) -> None:
        search_start = max(0, len(self._data) - len(_END_OF_HEADERS) + 1)
        self._data += data
        if self._headers_end is None and (end := self._data.find(_END_OF_HEADERS, search_start)) >= 0:
            self._headers_end = end
            self._needed_bytes = end + len(_END_OF_HEADERS) + _small_body_bytes(bytes(self._data[: end + 2]))

    def is_complete(self) -> bool:
        return self._headers_end is not None and len(self._data) >= self._needed_bytes

    def has_too_large_headers(self) -> bool:
        return self._headers_end is None and len(self._data) > MAX_HEADER_BYTES

    def headers(self) -> bytes:
        """Return the request line and the headers; b"" until all have arrived."""
        return bytes(self._data[: self._headers_end or 0])

    def data(self) -> bytes:
        """Return everything that has arrived, also of later requests."""
        return bytes(self._data)


def _small_body_bytes(headers: bytes) -> int:
    """Return the length of the body; 0 if a thread has to read it: a large body, and one that the client sends after 100 Continue."""
    length = _CONTENT_LENGTH.search(headers)
    body_bytes = int(length.group(1)) if length else 0
    return 0 if body_bytes > MAX_SMALL_BODY_BYTES or _EXPECTS_CONTINUE.search(headers) else body_bytes
