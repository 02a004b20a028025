"""What a hostile input is: a name, what to send, and the codes that are right for it."""

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
class Answer:
    """One answer; status 0 where the connection was closed without one."""

    status: int
    body: bytes = b""
    seconds: float = 0.0

    @property
    def json(self) -> dict[str, Any]:
        try:
            said = json.loads(self.body)
        except ValueError:
            return {}
        return said if isinstance(said, dict) else {}

    @property
    def code(self) -> str:
        if self.status == 0:
            return CLOSED
        if self.status < 400:
            return ACCEPTED
        return str(self.json.get("code", f"http_{self.status}, no code"))

    @property
    def recording(self) -> str | None:
        """The id of the recording that was taken in, if one was."""
        return self.json.get("video_id") if self.status < 300 and "job_id" in self.json else None


class Sender:
    """Sends what it is told to, however wrong. `token` is an account's, `others` another one's."""

    def __init__(self, url: str, token: str, others: str) -> None:
        self.host, self.port = str(urlsplit(url).hostname), int(urlsplit(url).port or 80)
        self.token, self.others = token, others

    def send(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] = b"",
        headers: Mapping[str, str] | None = None,
        *,
        token: str | None = None,
    ) -> Answer:
        """`headers` win over those that would be sent by themselves."""
        started = time.monotonic()
        connection = http.client.HTTPConnection(self.host, self.port, timeout=300)
        sent = {"Authorization": f"Bearer {token or self.token}", **(headers or {})}
        if isinstance(body, bytes):
            sent.setdefault("Content-Length", str(len(body)))
        try:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders()
            try:
                for block in [body] if isinstance(body, bytes) else body:
                    connection.send(block)
            except (BrokenPipeError, ConnectionResetError):
                pass  # refused before it was read; the answer stands in the socket
            response = connection.getresponse()
            return Answer(response.status, response.read(), time.monotonic() - started)
        except (http.client.HTTPException, OSError):
            return Answer(0, seconds=time.monotonic() - started)
        finally:
            connection.close()

    def json(self, method: str, path: str, body: object, *, token: str | None = None) -> Answer:
        plain = body if isinstance(body, bytes) else json.dumps(body).encode()
        return self.send(method, path, plain, {"Content-Type": "application/json"}, token=token)

    def form(self, path: str, parts: Iterable[Part], *, token: str | None = None) -> Answer:
        boundary = uuid.uuid4().hex
        body = multipart(parts, boundary)
        return self.send("POST", path, body, {"Content-Type": f"multipart/form-data; boundary={boundary}"}, token=token)

    def raw(self, sent: bytes, *, end: bool = False) -> Answer:
        """These very bytes; `end`: then hang up without waiting. `TOKEN` stands for the account's."""
        started = time.monotonic()
        with socket.create_connection((self.host, self.port), timeout=60) as line:
            try:
                line.sendall(sent.replace(b"TOKEN", self.token.encode()).replace(b"HOST", f"{self.host}:{self.port}".encode()))
                if end:
                    return Answer(0, seconds=time.monotonic() - started)
                line.shutdown(socket.SHUT_WR)
                response = http.client.HTTPResponse(line)
                response.begin()
                return Answer(response.status, response.read(), time.monotonic() - started)
            except (http.client.HTTPException, OSError):
                return Answer(0, seconds=time.monotonic() - started)


@dataclass(frozen=True)
class Case:
    """`expects`: the codes that are right, a job's end included; anything but a crash where empty.

    `outside`: broken below the app, so the HTTP server itself answers, without an envelope.
    """

    group: str
    name: str
    act: Callable[[Sender], list[Answer]]
    expects: frozenset[str] = field(default_factory=frozenset)
    outside: bool = False
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
    """An upload of this file. `expects`: codes, separated by spaces."""
    given = {"formats": "txt,srt", **(fields or {})}
    parts: list[Part] = [(key, None, value.encode("utf-8", "surrogateescape")) for key, value in given.items()]
    called = filename if filename is not None else content.name if isinstance(content, Path) else f"{name}.mp4"
    parts.append(("file", called, content))
    if subtitles:
        parts.append(("subtitles", *subtitles))
    return Case(group, name, lambda sender: [sender.form("/upload", parts)], frozenset(expects.split()), max_wait_s=max_wait_s)


def multipart(parts: Iterable[Part], boundary: str) -> bytes:
    """Names go in as they are: only quotes are escaped, as browsers do it (HTML, 4.10.21.8), and not even line ends are."""
    lines = []
    for name, filename, content in parts:
        said = f'form-data; name="{name}"' + ("" if filename is None else f'; filename="{filename.replace(chr(34), "%22")}"')
        data = content.read_bytes() if isinstance(content, Path) else content
        lines.append(f"--{boundary}\r\nContent-Disposition: {said}\r\n\r\n".encode("utf-8", "surrogateescape") + data + b"\r\n")
    return b"".join(lines) + f"--{boundary}--\r\n".encode()
