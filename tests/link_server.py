"""A server that imitates sites with recordings: files, pages with a player, Google Drive, and Nextcloud in two versions."""

from __future__ import annotations

import base64
import contextlib
import re
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

SAMPLES = Path(__file__).resolve().parents[1] / "samples"
MEDIA = (SAMPLES / "tiny.m4a").read_bytes()
VIDEO = (SAMPLES / "tiny.mp4").read_bytes()
VTT = ("WEBVTT\n\n" + re.sub(r"(\d),(\d{3})", r"\1.\2", (SAMPLES / "tiny.srt").read_text())).encode()
DRIVE_ID = "1AbCdEfGhIjKlMnOpQrSt"
TOKEN = "aB3dE6gH9kLmN2p"
PASSWORD = "open sesame"

_PLAYER = """<html><head><title>{title}</title></head><body><video controls>{sources}
<track kind="subtitles" srclang="en" label="English" src="/subtitles.vtt"></video></body></html>"""
_CONFIRM = """<html><body><p>Google Drive can't scan this file for viruses.</p>
<form id="download-form" action="{action}" method="get"><input type="hidden" name="id" value="{id}"><input type="hidden" name="export"
value="download"><input type="hidden" name="confirm" value="t"><input type="hidden" name="uuid" value="7-8"></form></body></html>"""


class LinkServer:
    """`requests` lists method, path and selected headers. `cut_after`: bytes after which the next download breaks off, once."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.cut_after: int | None = None
        self.etag = '"v1"'
        self.is_slow = False
        self.media = MEDIA
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                server.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                with contextlib.suppress(ConnectionError):
                    server.answer(self)

            def do_HEAD(self) -> None:
                self.do_GET()

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        class Quiet(ThreadingHTTPServer):
            def handle_error(self, *_: Any) -> None:
                """Clients may close their connections at any time."""

        self._http = Quiet(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.port = self._http.server_port
        self.host = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.host}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self._http.shutdown()
        self._http.server_close()

    def reset(self) -> None:
        self.requests.clear()
        self.cut_after, self.etag, self.is_slow, self.media = None, '"v1"', False, MEDIA

    def answer(self, handler: Any) -> None:
        path, query = urlsplit(handler.path).path, parse_qs(urlsplit(handler.path).query)
        routes: tuple[tuple[str, Callable[..., None]], ...] = (
            (r"/files/.*\.m4a", self._file),
            (r"/video\.mp4", lambda handler: self._send(handler, 200, VIDEO, "video/mp4")),
            (r"/subtitles\.vtt", lambda handler: self._send(handler, 200, VTT, "text/vtt")),
            (r"/player", lambda handler: self._page(handler, _PLAYER.format(title="Gradient descent", sources=_source("/files/talk.m4a")))),
            (r"/two-players", self._two_players),
            (r"/status/\d+", lambda handler: self._send(handler, int(path.rpartition("/")[2]), b"no", "text/plain")),
            (r"/redirect", lambda handler: self._redirect(handler, query["to"][0])),
            (r"/stream\.m3u8", lambda handler: self._send(handler, 200, query["text"][0].encode(), "application/vnd.apple.mpegurl")),
            (r"/download", lambda handler: self._drive(handler, query)),
            (r"(/old|/new|/locked)/public\.php/.*", lambda handler: self._nextcloud(handler, path)),
            (r"/(old|new|locked|plain)/s/.*", lambda handler: self._page(handler, "<html><body>Nextcloud</body></html>")),
        )
        for pattern, answer in routes:
            if re.fullmatch(pattern, path):
                answer(handler)
                return
        self._send(handler, 404, b"not found", "text/plain")

    def _file(self, handler: Any, name: str = "") -> None:
        """Send the file, or the requested rest of it if the client has the present version."""
        body, headers = self.media, {"ETag": self.etag, "Accept-Ranges": "bytes"}
        if name:
            headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
        start = re.fullmatch(r"bytes=(\d+)-", handler.headers.get("Range", ""))
        status = 200
        if start and handler.headers.get("If-Range", self.etag) == self.etag:
            offset = int(start[1])
            status = 206 if offset < len(body) else 416
            end = f"{offset}-{len(body) - 1}/" if status == 206 else "*/"
            headers["Content-Range"] = f"bytes {end}{len(body)}"
            body = body[offset:]
        self._send(handler, status, body, "audio/mp4", headers)

    def _send(self, handler: Any, status: int, body: bytes, kind: str, headers: dict[str, str] | None = None) -> None:
        handler.send_response(status)
        for name, value in {"Content-Type": kind, "Content-Length": str(len(body)), **(headers or {})}.items():
            handler.send_header(name, value)
        handler.end_headers()
        if handler.command == "HEAD":
            return
        cut, self.cut_after = self.cut_after, None
        if cut is not None:
            handler.wfile.write(body[:cut])
            handler.close_connection = True
            return
        if self.is_slow:
            for byte in range(0, len(body), 100):
                handler.wfile.write(body[byte : byte + 100])
                time.sleep(0.05)
            return
        handler.wfile.write(body)

    def _page(self, handler: Any, text: str) -> None:
        self._send(handler, 200, text.encode(), "text/html; charset=utf-8")

    def _two_players(self, handler: Any) -> None:
        players = "".join(f"<video>{_source(f'/files/{name}.m4a')}</video>" for name in ("one", "two"))
        self._page(handler, f"<html><head><title>A course</title></head><body>{players}</body></html>")

    def _redirect(self, handler: Any, target: str) -> None:
        self._send(handler, 302, b"", "text/plain", {"Location": target})

    def _drive(self, handler: Any, query: dict[str, list[str]]) -> None:
        file_id = query.get("id", [""])[0]
        if file_id != DRIVE_ID:
            self._send(handler, 404, b"", "text/html")
        elif query.get("confirm") == ["t"] and query.get("uuid"):
            self._file(handler, "Lecture%20%C3%A4.m4a")
        else:
            self._page(handler, _CONFIRM.format(action=f"{self.url}/download", id=file_id))

    def _nextcloud(self, handler: Any, path: str) -> None:
        version, is_newer = path.split("/")[1], path.endswith(f"/public.php/dav/files/{TOKEN}")
        if version == "old" and is_newer:
            self._send(handler, 404, b"", "application/xml")
            return
        if not is_newer and not path.endswith("/public.php/webdav"):
            self._send(handler, 404, b"", "application/xml")
            return
        user, _, password = base64.b64decode(handler.headers.get("Authorization", "").removeprefix("Basic ")).decode().partition(":")
        if (not is_newer and user != TOKEN) or (version == "locked" and password != PASSWORD):
            self._send(handler, 401, b"", "application/xml")
        else:
            self._file(handler, "shared.m4a")


def _source(path: str) -> str:
    return f'<source src="{path}" type="audio/mp4">'


@contextlib.contextmanager
def link_server() -> Iterator[LinkServer]:
    server = LinkServer()
    try:
        yield server
    finally:
        server.stop()
