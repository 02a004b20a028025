"""Requests that arrive in pieces: when they are complete, and that waiting for them costs linear time."""

from __future__ import annotations

import pytest

from lib import received_request
from lib.received_request import MAX_HEADER_BYTES, MAX_SMALL_BODY_BYTES, ReceivedRequest

HEAD = b"POST / HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("request_", "needed_bytes"),
    [
        (HEAD + b"\r\n", len(HEAD) + 2),
        (HEAD + b"content-LENGTH: 5 \r\n\r\nhello", len(HEAD) + 27),
        (HEAD + b"Content-Length: 5\r\nExpect: 100-Continue\r\n\r\nhello", len(HEAD) + 43),
        (HEAD + b"Content-Length: %d\r\n\r\nhello" % (MAX_SMALL_BODY_BYTES + 1), len(HEAD) + 25),
    ],
    ids=["no body", "small body", "expected body", "large body"],
)
def test_a_request_is_complete_with_its_small_body(request_: bytes, needed_bytes: int) -> None:
    """Byte by byte, and in one piece with the next request behind it."""
    request_buffer = ReceivedRequest()
    for position, byte in enumerate(request_):
        assert request_buffer.is_complete() == (position >= needed_bytes), position
        request_buffer.append(bytes([byte]))
    assert request_buffer.is_complete() and request_buffer.data() == request_
    two_requests = ReceivedRequest(request_ + HEAD)
    assert two_requests.is_complete() and two_requests.headers() == request_.partition(b"\r\n\r\n")[0] == request_buffer.headers()


def test_headers_have_a_limit() -> None:
    request_buffer = ReceivedRequest(HEAD + b"a" * (MAX_HEADER_BYTES - len(HEAD)))
    assert not request_buffer.has_too_large_headers()
    request_buffer.append(b"a")
    assert request_buffer.has_too_large_headers() and request_buffer.headers() == b""
    request_buffer.append(b"\r\n\r\n")
    assert not request_buffer.has_too_large_headers() and request_buffer.is_complete()


def test_each_byte_is_examined_a_bounded_number_of_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that sends headers and body byte by byte must not keep the event loop busy."""
    examined_bytes = 0

    class CountingBytes(bytearray):
        def find(self, needle: bytes, start: int) -> int:  # type: ignore[override]
            nonlocal examined_bytes
            examined_bytes += len(self) - start
            return super().find(needle, start)

    def parse(headers: bytes) -> int:
        nonlocal examined_bytes
        examined_bytes += len(headers)
        return small_body_bytes(headers)

    small_body_bytes = received_request._small_body_bytes
    monkeypatch.setattr(received_request, "bytearray", CountingBytes, raising=False)
    monkeypatch.setattr(received_request, "_small_body_bytes", parse)
    request_buffer = ReceivedRequest()
    request = HEAD + b"X: " + b"a" * 2000 + b"\r\nContent-Length: 2000\r\n\r\n" + b"b" * 2000
    for byte in request:
        request_buffer.append(bytes([byte]))
        request_buffer.is_complete()
        request_buffer.has_too_large_headers()
    assert request_buffer.is_complete()
    assert len(request) / 2 < examined_bytes < 6 * len(request)
