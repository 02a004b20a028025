"""A transcription endpoint that speaks OpenAI's protocol on a free port. It hears a tone as words: one per second of the sound."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import av
from werkzeug.formparser import parse_form_data

Answer = tuple[int, dict[str, str], dict[str, Any]]
"""Status, further headers, and the body."""


class TranscriptionServer:
    """`answer` gets the fields of the form, the duration of the sound in seconds and the number of the request, from 1."""

    def __init__(self, answer: Callable[[dict[str, str], float, int], Answer]) -> None:
        self.forms: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.keys: list[str] = []
        lock = threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                environ = {
                    "REQUEST_METHOD": "POST",
                    "CONTENT_TYPE": self.headers["Content-Type"],
                    "CONTENT_LENGTH": str(len(body)),
                    "wsgi.input": io.BytesIO(body),
                }
                _, form, files = parse_form_data(environ)
                with files["file"].stream as sound:
                    duration_s = _duration_s(sound.read())
                with lock:
                    outer.forms.append(form.to_dict())
                    outer.paths.append(self.path)
                    outer.keys.append(self.headers.get("Authorization", ""))
                    number = len(outer.forms)
                status, headers, content = answer(form.to_dict(), duration_s, number)
                data = json.dumps(content).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": str(len(data)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            def log_message(self, format: str, *args: Any) -> None:
                """Write nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> TranscriptionServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _duration_s(sound: bytes) -> float:
    with av.open(io.BytesIO(sound)) as container:
        return sum(frame.samples for frame in container.decode(audio=0)) / 16_000
