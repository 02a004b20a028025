"""A chat endpoint that speaks the protocol of OpenAI on a free port. Its behaviour is a function of each request."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, dict[str, str], str]
"""Status, further headers, and the text of the answer."""


class ChatServer:
    """`reply` gets the user's text and the number of the request, from 1."""

    def __init__(self, reply: Callable[[str, int], Reply]) -> None:
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.most_at_once = 0
        self._at_once, self._lock = 0, threading.Lock()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                with outer._lock:
                    outer.requests.append({**body, "path": self.path})
                    outer.keys.append(self.headers.get("Authorization", ""))
                    number = len(outer.requests)
                    outer._at_once += 1
                    outer.most_at_once = max(outer.most_at_once, outer._at_once)
                try:
                    status, headers, text = reply(body["messages"][-1]["content"], number)
                finally:
                    with outer._lock:
                        outer._at_once -= 1
                usage = {"prompt_tokens": 100, "completion_tokens": 50, "total_tokens": 150}
                choices = [{"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": "stop"}]
                answer = (
                    {"object": "chat.completion", "choices": choices, "usage": usage} if status == 200 else {"error": {"message": text}}
                )
                content = json.dumps(answer).encode()
                self.send_response(status)
                for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):  # the client has given up
                    self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Write nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/v1"

    def __enter__(self) -> ChatServer:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()
