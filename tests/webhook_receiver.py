"""A local server that receives webhooks."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.waiting import wait_for


class WebhookReceiver(ThreadingHTTPServer):
    """Stores the requests. `statuses`: the response statuses in turn; the last one is repeated."""

    daemon_threads = True

    def __init__(self, port: int = 0, statuses: tuple[int, ...] = (200,), body: bytes = b"thanks") -> None:
        super().__init__(("127.0.0.1", port), _Handler)
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.statuses, self.body = list(statuses), body
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/webhook"

    def wait_for(self, count: int, timeout_s: float = 20) -> list[tuple[dict[str, str], bytes]]:
        """Wait for this number of requests; return the headers and the body of each request."""
        wait_for(lambda: len(self.requests) >= count, timeout_s)
        return self.requests

    def __exit__(self, *_: object) -> None:
        self.shutdown()
        self.server_close()


class _Handler(BaseHTTPRequestHandler):
    server: WebhookReceiver

    def do_POST(self) -> None:
        self.server.requests.append((dict(self.headers), self.rfile.read(int(self.headers["Content-Length"]))))
        statuses = self.server.statuses
        status = statuses.pop(0) if len(statuses) > 1 else statuses[0]
        self.send_response(status)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(self.server.body)

    def log_message(self, *_: object) -> None:
        """Log nothing."""
