"""A canary: a web server that nothing may request, and a file that nothing may read."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType


class Canary:
    """`with Canary(folder) as canary:` adversarial inputs refer to `url` and `file`; `calls` lists the requests to the server."""

    def __init__(self, folder: Path) -> None:
        self.secret = "canary-7f3a sings of what it should not know"
        self.file = folder / "canary.txt"
        self.file.write_text(f"1\n00:00:00,500 --> 00:00:03,000\n{self.secret}\n")
        self.calls: list[str] = []
        calls, secret = self.calls, self.secret

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                calls.append(self.path)
                self.send_response(200)
                self.end_headers()
                self.wfile.write(secret.encode())

            do_HEAD = do_POST = do_GET

            def log_message(self, format: str, *args: object) -> None: ...

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Canary:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._server.shutdown()
        self._server.server_close()

    def occurs_in(self, text: bytes) -> bool:
        return self.secret.encode() in text
