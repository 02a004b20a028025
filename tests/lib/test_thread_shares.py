"""Shares of a server's threads for the addresses of its clients."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from lib import slow_clients, thread_shares
from lib.received_request import ReceivedRequest
from lib.thread_shares import ThreadShares


@dataclass(eq=False)
class Connection:
    address: str


def occupy(shares: ThreadShares, address: str, count: int = 100) -> list[Connection]:
    """Queue connections of an address and return those that get a thread at once, of any address."""
    for _ in range(count):
        assert shares.enter(Connection(address), address)
    return start_all(shares)


def start_all(shares: ThreadShares) -> list[Connection]:
    threads = []
    while (connection := shares.start()) is not None:
        threads.append(connection)
    return threads


def test_no_address_gets_all_threads() -> None:
    shares = ThreadShares(40)
    first = occupy(shares, "192.0.2.1")
    assert 30 <= len(first) < 40
    assert [each.address for each in occupy(shares, "192.0.2.2")] == ["192.0.2.2"] * (40 - len(first))


def test_queued_connections_start_when_threads_become_free_the_smallest_share_first() -> None:
    shares = ThreadShares(40)
    first = occupy(shares, "192.0.2.1")
    second = occupy(shares, "192.0.2.2")
    for each in first[:2]:
        shares.leave(each)
    assert {each.address for each in start_all(shares)} == {"192.0.2.2"}
    for each in (*first[2:], *second):
        shares.leave(each)
    assert start_all(shares)


def test_the_queue_of_an_address_is_bounded() -> None:
    shares = ThreadShares(1)
    assert len(occupy(shares, "192.0.2.1", 1)) == 1
    assert not occupy(shares, "192.0.2.1", thread_shares.MAX_QUEUED)
    assert not shares.enter(Connection("192.0.2.1"), "192.0.2.1")
    assert shares.enter(Connection("192.0.2.2"), "192.0.2.2")


def test_clients_of_unknown_address_share_all_threads() -> None:
    assert len(occupy(ThreadShares(40), "")) == 40


def address_of(client: tuple[str, int] | bytes, headers: bytes = b"") -> str:
    connection = object.__new__(slow_clients.Connection)
    connection.client, connection.partial_request = client, ReceivedRequest(b"GET / HTTP/1.1\r\n" + headers + b"\r\n")
    return connection.address()


def test_an_ipv6_network_is_one_client_but_mapped_ipv4_addresses_are_several() -> None:
    assert address_of(("2001:db8::1", 1)) == address_of(("2001:db8::2", 1)) != address_of(("2001:db8:0:1::2", 1))
    assert address_of(("::ffff:192.0.2.1", 1)) == address_of(("192.0.2.1", 1)) != address_of(("::ffff:192.0.2.2", 1))
    assert address_of(b"") == ""


def test_behind_proxies_the_client_is_the_one_that_the_first_of_them_saw(monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, headers = ("127.0.0.1", 1), b"X-Forwarded-For: 203.0.113.9, 192.0.2.7\r\nx-forwarded-for: 198.51.100.2\r\n"
    assert address_of(proxy, headers) == "127.0.0.1"
    monkeypatch.setattr(slow_clients, "TRUSTED_PROXIES", 1)
    assert address_of(proxy, headers) == "198.51.100.2"
    assert address_of(proxy, b"X-Forwarded-For: nonsense\r\n") == address_of(proxy) == "127.0.0.1"
    monkeypatch.setattr(slow_clients, "TRUSTED_PROXIES", 2)
    assert address_of(proxy, headers) == "192.0.2.7"
