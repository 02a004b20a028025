"""lib/http_client.py: private addresses and time limits."""

from __future__ import annotations

import socket
import threading
import time

import pytest

import errors
from lib import address_guard, http_client


def test_embedded_private_addresses_are_recognised() -> None:
    private = ["192.168.0.1", "100.64.0.1", "0.0.0.0", "224.0.0.1", "fe80::1%eth0", "fd00::1", "::", "64:ff9b::7f00:1", "2002:7f00:1::"]
    assert not any(address_guard.is_public(address) for address in private)
    assert all(address_guard.is_public(address) for address in ("93.184.215.14", "2606:2800:21f:cb07::1", "::ffff:93.184.215.14"))


def test_connecting_ends_with_the_deadline_of_the_request(monkeypatch: pytest.MonkeyPatch) -> None:
    timeouts = []

    def time_out(address: tuple[str, int], timeout_s: float, **_: object) -> None:
        timeouts.append(timeout_s)
        raise TimeoutError

    monkeypatch.setattr(http_client, "_DEADLINE_S", 2.0)
    monkeypatch.setattr(http_client, "create_connection", time_out)
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
        started = time.monotonic()
        with pytest.raises(http_client.NoAnswer):
            http_client.post(f"http://127.0.0.1:{listening.getsockname()[1]}/", b"{}", {}, allow_private=True)
        assert time.monotonic() - started < 30  # the receiver sends for a minute
