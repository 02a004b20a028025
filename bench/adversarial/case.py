"""A case of adversarial input: a name, the requests to send, and the expected codes."""

from __future__ import annotations

import http.client
import json
import socket
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ACCEPTED = "accepted"
CLOSED = "connection closed"
Content = bytes | Path
Part = tuple[str, str | None, Content]  # field, file name or None for a plain field, content


@dataclass(frozen=True)
class Response:
    """One response; status 0 if the connection was closed without one."""

    status: int
    body: bytes = b""
    seconds: float = 0.0

    @property
    def json(self) -> dict[str, Any]:
        try:
            value = json.loads(self.body)
        except ValueError:
            return {}
        return value if isinstance(value, dict) else {}

    @property
    def code(self) -> str:
        if self.status == 0:
            return CLOSED
        if self.status < 400:
            return ACCEPTED
        return str(self.json.get("code", f"http_{self.status}, no code"))

    @property
    def recording(self) -> str | None:
        """The id of the accepted recording, if any."""
        return self.json.get("video_id") if self.status < 300 and "job_id" in self.json else None


class Sender:
    """Sends malformed requests. `token` and `other_token` belong to two accounts."""

    def __init__(self, url: str, token: str, other_token: str) -> None:
        self.host, self.port = str(urlsplit(url).hostname), int(urlsplit(url).port or 80)
        self.token, self.other_token = token, other_token

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] = b"",
        headers: Mapping[str, str] | None = None,
        *,
        token: str | None = None,
    ) -> Response:
        """Send a request; `headers` replace the default ones."""
        start_s = time.monotonic()
        connection = http.client.HTTPConnection(self.host, self.port, timeout=300)
        all_headers = {"Authorization": f"Bearer {token or self.token}", **(headers or {})}
        if isinstance(body, bytes):
            all_headers.setdefault("Content-Length", str(len(body)))
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in all_headers.items():
                connection.putheader(name, value)
            connection.endheaders()
            try:
                for block in [body] if isinstance(body, bytes) else body:
                    connection.send(block)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before the body was read; the response is in the socket
            response = connection.getresponse()
            return Response(response.status, response.read(), time.monotonic() - start_s)
        except (http.client.HTTPException, OSError):
            return Response(0, seconds=time.monotonic() - start_s)
        finally:
            connection.close()

    def json(self, method: str, path: str, body: object, *, token: str | None = None) -> Response:
        plain = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send(method, path, plain, {"Content-Type": "application/json"}, token=token)

    def form(self, path: str, parts: Iterable[Part], *, token: str | None = None) -> Response:
        boundary = uuid.uuid4().hex
        body = multipart(parts, boundary)
        return self.send("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, token=token)

    def raw(self, request: bytes, *, disconnect: bool = False) -> Response:
        """Send these bytes; TOKEN and HOST are replaced. `disconnect`: close the connection without waiting for a response."""
        start_s = time.monotonic()
        with socket.create_connection((self.host, self.port), timeout=60) as line:
            try:
                line.sendall(request.replace(b"TOKEN", self.token.encode()).replace(b"HOST", f"{self.host}:{self.port}".encode()))
                if disconnect:
                    return Response(0, seconds=time.monotonic() - start_s)
                line.shutdown(socket.SHUT_WR)
                response = http.client.HTTPResponse(line)
                response.begin()
                return Response(response.status, response.read(), time.monotonic() - start_s)
            except (http.client.HTTPException, OSError):
                return Response(0, seconds=time.monotonic() - start_s)


@dataclass(frozen=True)
class Case:
    """`expects`: the expected codes of responses and of the job; empty: anything but a crash.

    `from_http_server`: the HTTP server itself responds, without the API's error body.
    """

    group: str
    name: str
    act: Callable[[Sender], list[Response]]
    expects: frozenset[str] = field(default_factory=frozenset)
    from_http_server: bool = False
    max_wait_s: float = 120


def recording(
    group: str,
    name: str,
    content: Content,
    expects: str = "",
    *,
    filename: str | None = None,
    subtitles: tuple[str, Content] | None = None,
    fields: Mapping[str, str] | None = None,
    max_wait_s: float = 120,
) -> Case:
    """Return a case that uploads this file. `expects`: codes, separated by spaces."""
    form_fields = {"formats": "txt,srt", **(fields or {})}
    parts: list[Part] = [(key, None, value.encode("utf-8", "surrogateescape")) for key, value in form_fields.items()]
    upload_name = filename if filename is not None else content.name if isinstance(content, Path) else f"{name}.mp4"
    parts.append(("file", upload_name, content))
    if subtitles:
        parts.append(("subtitles", *subtitles))
    return Case(group, name, lambda sender: [sender.form("/upload", parts)], frozenset(expects.split()), max_wait_s=max_wait_s)


def multipart(parts: Iterable[Part], boundary: str) -> bytes:
    """Return a form's body. Names are not escaped except quotes, as in browsers (HTML, 4.10.21.8); line ends stay too."""
    lines = []
    for name, filename, content in parts:
        disposition = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename.replace(chr(34), "%22")}"')
        data = content.read_bytes() if isinstance(content, Path) else content
        lines.append(f"--{boundary}\r\nContent-Disposition: {disposition}\r\n\r\n".encode("utf-8", "surrogateescape") + data + b"\r\n")
    return b"".join(lines) + f"--{boundary}--\r\n".encode()
