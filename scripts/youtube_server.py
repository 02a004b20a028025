"""A server that imitates Google's sign-in and the part of the YouTube Data API that Lectern uses, resumable uploads included."""

from __future__ import annotations

import base64
import contextlib
import email
import gzip
import hashlib
import itertools
import json
import re
import secrets
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

CLIENT_ID, CLIENT_SECRET = "client-1", "client-secret-0123456789"
_KEPT_UNIT = 256 * 1024  # the server keeps whole units of an interrupted part


@dataclass
class Upload:
    size_bytes: int
    metadata: dict[str, Any]
    content: bytearray = field(default_factory=bytearray, repr=False)
    video_id: str = ""


class YouTubeServer:
    """`cut_after`: numbers of bytes of a part after which the connection ends, one for each of the next parts; None: no cut.

    `pause_s`: how long the server waits before it reads a part; it also waits until `may_read` is set.
    `kept_units`: units that it keeps of the next part, None: all.
    `slow_finishes`: how often it says that it has all bytes before there is a video.
    """

    def __init__(self) -> None:
        self.uploads: dict[str, Upload] = {}
        self.videos: dict[str, dict[str, Any]] = {}
        self.contents: dict[str, bytes] = {}
        self.captions: list[tuple[str, dict[str, Any], bytes]] = []
        self.thumbnails: dict[str, bytes] = {}
        self.codes: dict[str, tuple[str, str]] = {}  # challenge and redirect URI by code
        self.access_tokens, self.refresh_tokens = set[str](), set[str]()
        self.cut_after: list[int | None] = []
        self.refusal: tuple[int, str] | None = None  # status and reason of the next calls
        self.locks_private = False
        self.kept_units: int | None = None
        self.slow_finishes = 0
        self.moves_uploads_to = ""
        self.requests: list[str] = []
        self.parts, self.pause_s = 0, 0.0
        self.may_read = threading.Event()
        self.may_read.set()
        self.url = ""
        self._numbers = itertools.count(1)

    def allow(self, url: str) -> tuple[str, str]:
        """Act as the user who allows access at this page. Return code and state."""
        query = {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}
        assert query["client_id"] == CLIENT_ID and query["code_challenge_method"] == "S256" and query["access_type"] == "offline"
        code = secrets.token_urlsafe(12)
        self.codes[code] = (query["code_challenge"], query["redirect_uri"])
        return code, query["state"]

    def end_sign_ins(self) -> None:
        """Let all tokens end, as those of projects in testing do after seven days."""
        self.access_tokens.clear()
        self.refresh_tokens.clear()

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return 401, {"error": "invalid_client"}
        if form["grant_type"] == "authorization_code":
            challenge, redirect_uri = self.codes.pop(form["code"], ("", ""))
            digest = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest()).decode().rstrip("=")
            if digest != challenge or form["redirect_uri"] != redirect_uri:
                return 400, {"error": "invalid_grant", "error_description": "Bad code"}
            refresh_token = f"refresh-{secrets.token_hex(8)}"
            self.refresh_tokens.add(refresh_token)
            return 200, {**self._access(), "refresh_token": refresh_token}
        if form["refresh_token"] not in self.refresh_tokens:
            return 400, {"error": "invalid_grant", "error_description": "Token has been expired or revoked."}
        return 200, self._access()

    def _access(self) -> dict[str, Any]:
        token = f"access-{secrets.token_hex(8)}"
        self.access_tokens.add(token)
        return {"access_token": token, "expires_in": 3599, "token_type": "Bearer"}

    def begin(self, metadata: dict[str, Any], size_bytes: int) -> str:
        upload_id = f"upload{next(self._numbers)}"
        self.uploads[upload_id] = Upload(size_bytes, metadata)
        return f"{self.url}/upload/youtube/v3/videos?uploadType=resumable&upload_id={upload_id}"

    def finish(self, upload: Upload) -> dict[str, Any]:
        if not upload.video_id:
            upload.video_id = f"vid{next(self._numbers):08}"
            status = dict(upload.metadata["status"])
            if self.locks_private:
                status["privacyStatus"] = "private"
            self.videos[upload.video_id] = {"id": upload.video_id, "snippet": upload.metadata["snippet"], "status": status}
            self.contents[upload.video_id] = bytes(upload.content)
        return self.videos[upload.video_id]


class _Handler(BaseHTTPRequestHandler):
    youtube: YouTubeServer
    protocol_version = "HTTP/1.1"

    def _handle(self) -> None:
        url, server = urlsplit(self.path), self.youtube
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        server.requests.append(f"{self.command} {url.path}")
        length = int(self.headers.get("Content-Length") or 0)
        is_known = self.headers.get("Authorization", "").removeprefix("Bearer ") in server.access_tokens
        if self.command == "PUT" and is_known:
            self._put(server, query, length)
            return
        body = self.rfile.read(length)
        if url.path == "/token":
            form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
            self._answer(*server.token(form))
        elif url.path == "/revoke":
            server.refresh_tokens.discard(parse_qs(body.decode())["token"][0])
            self._answer(200, {})
        elif not is_known:
            self._answer(401, {"error": {"code": 401, "message": "Invalid Credentials", "errors": [{"reason": "authError"}]}})
        elif server.refusal is not None:
            status, reason = server.refusal
            self._answer(status, {"error": {"code": status, "message": "Refused", "errors": [{"reason": reason}]}})
        else:
            self._api(server, url.path, query, body)

    def _api(self, server: YouTubeServer, path: str, query: dict[str, str], body: bytes) -> None:
        if path == "/youtube/v3/channels":
            self._answer(200, {"items": [{"id": "UC123", "snippet": {"title": "Ada's lectures"}}]})
        elif path == "/youtube/v3/videos":
            video = server.videos.get(query["id"])
            self._answer(200, {"items": [video] if video else []})
        elif path == "/upload/youtube/v3/videos":
            location = server.begin(json.loads(body), int(self.headers["X-Upload-Content-Length"]))
            self._answer(200, None, Location=location)
        elif path == "/upload/youtube/v3/thumbnails/set":
            server.thumbnails[query["videoId"]] = body
            self._answer(200, {})
        elif path == "/upload/youtube/v3/captions":
            boundary = email.message_from_string(f"Content-Type: {self.headers['Content-Type']}").get_boundary()
            parts = re.split(rb"\r?\n?--" + re.escape(boundary).encode(), body)[1:3]
            snippet, text = (re.split(rb"\r?\n\r?\n", part, maxsplit=1)[1] for part in parts)
            facts = json.loads(snippet)["snippet"]
            server.captions.append((facts["videoId"], facts, text))
            self._answer(200, {"id": "caption"})
        else:
            self._answer(404, {"error": {"code": 404, "message": path}})

    def _put(self, server: YouTubeServer, query: dict[str, str], length: int) -> None:
        upload = server.uploads.get(query["upload_id"])
        if upload is None:
            self.rfile.read(length)
            self._answer(404, {})
            return
        match = re.fullmatch(r"bytes (\*|(\d+)-(\d+))/(\d+)", self.headers["Content-Range"])
        assert int(match[4]) == upload.size_bytes
        if match[1] != "*":
            start = int(match[2])
            assert start == len(upload.content), (start, len(upload.content))
            assert length % _KEPT_UNIT == 0 or start + length == upload.size_bytes
            server.parts += 1
            time.sleep(server.pause_s)
            server.may_read.wait()
            cut = server.cut_after.pop(0) if server.cut_after else None
            if cut is not None and cut < length:
                first_part = self.rfile.read(cut)
                upload.content += first_part[: len(first_part) // _KEPT_UNIT * _KEPT_UNIT]
                self.close_connection = True
                self.connection.close()
                return
            content = self.rfile.read(length)
            if server.kept_units is not None:
                content, server.kept_units = content[: server.kept_units * _KEPT_UNIT], None
            upload.content += content
            if cut is not None:  # all was received, and the response is lost
                if len(upload.content) == upload.size_bytes:
                    server.finish(upload)
                self.close_connection = True
                self.connection.close()
                return
        if len(upload.content) == upload.size_bytes and not server.slow_finishes:
            self._answer(200, server.finish(upload))
            return
        server.slow_finishes -= len(upload.content) == upload.size_bytes
        range_headers = {"Range": f"bytes=0-{len(upload.content) - 1}"} if upload.content else {}
        self._answer(308, None, **range_headers, **({"Location": server.moves_uploads_to} if server.moves_uploads_to else {}))

    def _answer(self, status: int, body: dict[str, Any] | None, **headers: str) -> None:
        text = b"" if body is None else json.dumps(body).encode()
        if text and "gzip" in self.headers.get("Accept-Encoding", ""):
            text, headers = gzip.compress(text), {**headers, "Content-Encoding": "gzip"}
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PUT = _handle

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@contextlib.contextmanager
def serve(server: YouTubeServer) -> Iterator[str]:
    """Serve on a free port; yield the URL."""
    handler = type("Handler", (_Handler,), {"youtube": server})

    class Http(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Say nothing about connections that a test cuts."""

    with Http(("127.0.0.1", 0), handler) as http:
        server.url = f"http://127.0.0.1:{http.server_port}"
        thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server.url
        finally:
            http.shutdown()
            thread.join()
