"""lib/http_client.py: private addresses and time limits."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

import errors
from lib import address_guard, http_client

PRIVATE = """
    0.0.0.0 0.1.2.3 10.0.0.1 100.64.0.1 127.0.0.1 169.254.169.254 172.16.0.1 192.0.0.0 192.0.0.8 192.0.0.9 192.0.0.10 192.0.0.170 192.0.2.1
    192.88.99.1 192.168.0.1 198.18.0.1 198.51.100.1 203.0.113.1 224.0.0.1 240.0.0.1 255.255.255.255
    :: ::1 ::10.0.0.1 ::8.8.8.8 ::ffff:10.0.0.1 ::ffff:192.0.0.8 ::ffff:0:8.8.8.8 64:ff9b::7f00:1 64:ff9b::192.0.0.8 64:ff9b:1::8.8.8.8
    100::1 100:0:0:1::1 2001::1 2001:0:808:808::f7f7:f7f7 2001:2::1 2001:10::1 2001:db8::1 2002:7f00:1:: 2002:c000:8:: 3fff::1 4000::1
    5f00::1 fc00::1 fd00::1 fe80::1%eth0 fec0::1 ff02::1
"""
PUBLIC = """
    8.8.8.8 93.184.215.14 192.0.1.1 192.88.98.1 192.88.100.1
    2001:4860:4860::8888 2606:2800:21f:cb07::1 ::ffff:93.184.215.14 64:ff9b::8.8.8.8 2002:808:808::1
"""


def test_special_addresses_are_private() -> None:
    """By the IANA special-purpose address registries, and by the addresses that are embedded."""
    assert [address for address in PRIVATE.split() if address_guard.is_public(address)] == []
    assert [address for address in PUBLIC.split() if not address_guard.is_public(address)] == []


def test_connecting_ends_with_the_deadline_of_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    timeouts = []

    def time_out(address: str, port: int, timeout_s: float, _: object) -> None:
        timeouts.append(timeout_s)
        raise TimeoutError

    monkeypatch.setattr(http_client, "_DEADLINE_S", 2.0)
    monkeypatch.setattr(http_client, "_connect", time_out)
    with pytest.raises(http_client.NoAnswer):
        http_client.post("http://127.0.0.1:9/", b"{}", {}, allow_private=True)
    assert len(timeouts) == 1 and timeouts[0] <= 2.0


def test_a_connection_after_the_deadline_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "_DEADLINE_S", 0.0)
    with socket.create_server(("127.0.0.1", 0)) as listening, pytest.raises(http_client.NoAnswer, match="No connection within"):
        http_client.get_excerpt(f"http://127.0.0.1:{listening.getsockname()[1]}/", allow_private=True)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("ftp://a.example/", "must begin with http"),
        ("http://a.example/ b", "spaces or control characters"),
        ("http://a:b@a.example/", "user name or password"),
        ("http://[", "not a valid URL"),
    ],
)
def test_an_unusable_url_is_refused_without_a_lookup(url: str, message: str) -> None:
    with pytest.raises(errors.UrlRefused, match=message):
        http_client.get(url, max_bytes=10, allow_private=True)


def test_a_slow_receiver_times_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_client, "_DEADLINE_S", 0.7)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def send_slowly() -> None:
            connection, _ = listening.accept()
            with connection:
                for _ in range(600):
                    try:
                        connection.sendall(b"H")
                    except OSError:
                        return
                    time.sleep(0.1)

        threading.Thread(target=send_slowly, daemon=True).start()
        start_s = time.monotonic()
        with pytest.raises(http_client.NoAnswer):
            http_client.post(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {}, allow_private=True)
        assert time.monotonic() - start_s < 30  # the receiver sends for a minute


@pytest.fixture
def compressing_server() -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            accepts = "gzip" in self.headers.get("Accept-Encoding", "")
            body = gzip.compress(b"plain text") if accepts else b"plain text"
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET

        def log_message(self, *_: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("headers", [{}, {"accept-encoding": "gzip, deflate"}, {"Accept-Encoding": "gzip"}])
def test_no_compressed_response_is_asked_for(headers: dict[str, str], compressing_server: str) -> None:
    """Bodies are not decompressed, as a small one could become large."""
    response = http_client.send("GET", compressing_server, None, headers, timeout_s=10, allow_private=True)
    assert response.text == "plain text"
    assert http_client.post(compressing_server, b"", headers, allow_private=True).text == "plain text"
    assert http_client.get(compressing_server, max_bytes=100, allow_private=True).text == "plain text"
