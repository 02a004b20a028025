"""The client of YouTube, with a local server that speaks the resumable protocol."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import errors
from scripts.youtube_server import YouTubeServer, serve
from services.youtube.client import YouTubeClient
from services.youtube.oauth import AccessToken
from services.youtube.port import (
    ChannelDisconnected,
    ChannelLimitReached,
    QuotaUsedUp,
    SessionGone,
    VideoDetails,
    YouTubeRefused,
)

PROJECT = Path(__file__).parents[2]
UNIT = 256 * 1024
CONTENT = bytes(range(256)) * 4096  # four units
DETAILS = VideoDetails("Trees", "About trees.")
PATH = re.compile(r"https?://[^/]+")


class Tokens:
    """Issues access tokens of the imitated Google, and counts them."""

    def __init__(self, google: YouTubeServer) -> None:
        self.google, self.count = google, 0

    def __call__(self) -> AccessToken:
        self.count += 1
        token = f"access-{self.count}"
        self.google.access_tokens.add(token)
        return AccessToken(token, time.time() + 3599)


@pytest.fixture
def tokens(google: YouTubeServer) -> Tokens:
    return Tokens(google)


@pytest.fixture
def client(google: YouTubeServer, tokens: Tokens) -> YouTubeClient:
    return YouTubeClient(google.url, tokens)


@pytest.fixture
def answering() -> Iterator[Callable[..., YouTubeClient]]:
    """Make a client whose server gives one answer to everything."""
    servers = list[ThreadingHTTPServer]()

    def start(status: int, body: bytes = b"", **headers: str) -> YouTubeClient:
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"] or 0))
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST

            def log_message(self, *_: Any) -> None:
                """Log nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        servers.append(server)
        return YouTubeClient(f"http://127.0.0.1:{server.server_port}", lambda: AccessToken("access", time.time() + 3599))

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def begin(client: YouTubeClient, content: bytes = CONTENT) -> str:
    return client.begin_upload(DETAILS, io.BytesIO(content), "video/mp4")


def send_all(client: YouTubeClient, url: str, content: bytes = CONTENT) -> str:
    upload = client.resume_upload(url, io.BytesIO(content), UNIT)
    for _ in range(20):
        if upload.video is not None:
            return upload.video.id
        upload.send_part()
    raise AssertionError("no end")


def test_beginning_sends_no_part(client: YouTubeClient, google: YouTubeServer) -> None:
    url = begin(client)
    (upload,) = google.uploads.values()
    assert (upload.size_bytes, upload.metadata["snippet"]["title"]) == (len(CONTENT), "Trees")
    assert google.parts == 0 and google.requests == ["POST /upload/youtube/v3/videos"]
    assert PATH.match(url)[0] == google.url


@pytest.mark.parametrize("kept_units", range(5))
def test_an_upload_continues_with_the_bytes_that_youtube_has(kept_units: int, client: YouTubeClient, google: YouTubeServer) -> None:
    url = begin(client)
    (upload,) = google.uploads.values()
    upload.content += CONTENT[: kept_units * UNIT]
    assert google.contents[send_all(client, url)] == CONTENT
    assert google.parts == 4 - kept_units
    assert google.contents[send_all(client, url)] == CONTENT
    assert len(google.videos) == 1


def test_youtube_may_have_fewer_or_more_bytes_than_it_said(client: YouTubeClient, google: YouTubeServer) -> None:
    url = begin(client)
    (stored_upload,) = google.uploads.values()
    upload = client.resume_upload(url, io.BytesIO(CONTENT), 2 * UNIT)
    google.kept_units = 1  # of two
    upload.send_part()
    assert upload.received_bytes == UNIT
    stored_upload.content += CONTENT[UNIT : 3 * UNIT]  # as if the answer to another part had been lost
    upload.query_status()
    assert upload.received_bytes == 3 * UNIT
    upload.send_part()
    assert upload.video is not None and google.contents[upload.video.id] == CONTENT


def test_a_video_that_is_not_made_yet_is_asked_for(client: YouTubeClient, google: YouTubeServer) -> None:
    url = begin(client)
    google.slow_finishes = 3
    assert google.contents[send_all(client, url)] == CONTENT
    assert google.parts == 4 and len(google.videos) == 1


def test_parts_are_read_one_at_a_time(client: YouTubeClient, google: YouTubeServer) -> None:
    reads = list[int]()

    class File(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            block = super().read(size)
            reads.append(len(block))
            return block

    url = client.begin_upload(DETAILS, File(CONTENT + b"end"), "video/mp4")
    upload = client.resume_upload(url, File(CONTENT + b"end"), UNIT)
    assert reads == []
    for number in range(1, 6):
        upload.send_part()
        assert len(reads) == number
    assert reads == [UNIT] * 4 + [3] and upload.video is not None


def test_a_token_that_ends_during_an_upload_is_renewed(client: YouTubeClient, google: YouTubeServer, tokens: Tokens) -> None:
    url = begin(client)
    upload = client.resume_upload(url, io.BytesIO(CONTENT), UNIT)
    while upload.video is None:
        google.access_tokens.clear()
        upload.send_part()
    assert google.contents[upload.video.id] == CONTENT
    assert tokens.count == 5  # one to begin with, one for each part


def test_a_token_is_asked_for_once_more_and_then_the_channel_counts_as_disconnected(google: YouTubeServer) -> None:
    requested_tokens = list[str]()

    def issue() -> AccessToken:
        requested_tokens.append("unknown")
        return AccessToken("unknown", time.time() + 3599)

    with pytest.raises(ChannelDisconnected, match="Invalid Credentials"):
        YouTubeClient(google.url, issue).get_channel()
    assert len(requested_tokens) == 2


def test_an_upload_that_youtube_has_forgotten(client: YouTubeClient, google: YouTubeServer) -> None:
    url = begin(client)
    upload = client.resume_upload(url, io.BytesIO(CONTENT), UNIT)
    google.uploads.clear()
    with pytest.raises(SessionGone):
        upload.send_part()
    with pytest.raises(SessionGone):
        client.resume_upload(url, io.BytesIO(CONTENT), UNIT)


def test_nothing_is_sent_to_another_server(client: YouTubeClient, google: YouTubeServer, answering: Callable[..., YouTubeClient]) -> None:
    other = YouTubeServer()
    with serve(other):
        for url in (f"{other.url}/upload?upload_id=1", "https://127.0.0.1/upload", "//evil.example/upload", ""):
            with pytest.raises(YouTubeRefused, match="another server"):
                begin(answering(200, Location=url))
            with pytest.raises(YouTubeRefused, match="another server"):
                client.resume_upload(url, io.BytesIO(CONTENT), UNIT)
        google.moves_uploads_to = f"{other.url}/upload?upload_id=1"
        upload = client.resume_upload(begin(client), io.BytesIO(CONTENT), UNIT)
        upload.send_part()
        with pytest.raises(YouTubeRefused, match="another server"):
            upload.send_part()
        assert other.requests == []


@pytest.mark.parametrize(
    ("status", "reason", "error"),
    [
        (403, "quotaExceeded", QuotaUsedUp),
        (403, "dailyLimitExceeded", QuotaUsedUp),
        (400, "uploadLimitExceeded", ChannelLimitReached),
        (401, "youtubeSignupRequired", ChannelDisconnected),
        (403, "rateLimitExceeded", errors.ProviderBusy),
        (403, "forbidden", YouTubeRefused),
        (400, "invalidTitle", YouTubeRefused),
        (302, "moved", YouTubeRefused),
        (429, "", errors.ProviderBusy),
        (500, "backendError", errors.ProviderBusy),
        (503, "", errors.ProviderDown),
    ],
)
def test_refusals_have_types(status: int, reason: str, error: type[Exception], answering: Callable[..., YouTubeClient]) -> None:
    problem = {"code": status, "message": "Too much", "errors": [{"reason": reason}], "details": [{"reason": "OTHER"}]}
    client = answering(status, json.dumps({"error": problem}).encode())
    url = f"{client.api_url}/upload?upload_id=1"
    calls: list[Callable[[], object]] = [
        client.get_channel,
        lambda: begin(client),
        lambda: client.resume_upload(url, io.BytesIO(CONTENT), UNIT),
        lambda: client.get_video("vid1"),
        lambda: client.set_thumbnail("vid1", b"\xff\xd8"),
        lambda: client.add_captions("vid1", "en", "", b"1"),
    ]
    for call in calls:
        with pytest.raises(error) as excinfo:
            call()
        assert type(excinfo.value) is error


@pytest.mark.parametrize("status", [200, 308, 400, 403, 502])
@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b"\xff\xfe", b"[]", b"[1]", b"null", b'"text"', b'{"error": "no"}', b'{"error": {"errors": 1}}', b'{"items": [1]}'],
)
def test_odd_responses_are_errors_of_ours(body: bytes, status: int, answering: Callable[..., YouTubeClient]) -> None:
    client = answering(status, body, Range="bytes=odd")
    with pytest.raises(errors.LecternError):
        client.get_channel()
    with pytest.raises(errors.LecternError):
        begin(client)
    with pytest.raises(errors.LecternError):
        client.resume_upload(f"{client.api_url}/upload?upload_id=1", io.BytesIO(CONTENT), UNIT).send_part()


def test_captions_and_thumbnail_arrive_byte_for_byte(client: YouTubeClient, google: YouTubeServer) -> None:
    captions = "1\r\n00:00:00,000 --> 00:00:01,000\nFrom Bäume\r\n\r\n--===\n\n".encode() + bytes(range(256))
    client.add_captions("vid1", "de", "Übung", captions)
    client.set_thumbnail("vid1", bytes(range(256)))
    ((video_id, facts, text),) = google.captions
    assert (video_id, facts["language"], facts["name"], text) == ("vid1", "de", "Übung", captions)
    assert google.thumbnails == {"vid1": bytes(range(256))}


def test_the_server_starts_without_googles_client() -> None:
    program = "import sys, app, pipelines.registry; print({'google.auth', 'googleapiclient', 'httplib2'} & sys.modules.keys())"
    result = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, capture_output=True, text=True, check=True, timeout=120)
    assert result.stdout.strip() == "set()"
