"""Shares of a server's threads for the addresses of its clients."""

from __future__ import annotations

from dataclasses import dataclass

from lib import thread_shares
from lib.thread_shares import ThreadShares


@dataclass(eq=False)
class Connection:
    client: tuple[str, int] | bytes


def occupy(shares: ThreadShares, address: str, count: int = 100) -> list[Connection]:
    """Queue connections of an address and return those that get a thread at once, of any address."""
    for _ in range(count):
        assert shares.enter(Connection((address, 1)))
    return start_all(shares)


def start_all(shares: ThreadShares) -> list[Connection]:
    started = []
    while (connection := shares.start()) is not None:
        started.append(connection)
    return started


def test_no_address_gets_all_threads() -> None:
    shares = ThreadShares(40)
    first = occupy(shares, "192.0.2.1")
    assert 30 <= len(first) < 40
    assert [each.client for each in occupy(shares, "192.0.2.2")] == [("192.0.2.2", 1)] * (40 - len(first))


def test_queued_connections_start_when_threads_become_free_the_smallest_share_first() -> None:
    shares = ThreadShares(40)
    first = occupy(shares, "192.0.2.1")
    second = occupy(shares, "192.0.2.2")
    for each in first[:2]:
        shares.leave(each)
    assert {each.client[0] for each in start_all(shares)} == {"192.0.2.2"}
    for each in (*first[2:], *second):
        shares.leave(each)
    assert start_all(shares)


def test_the_queue_of_an_address_is_bounded() -> None:
    shares = ThreadShares(1)
    assert len(occupy(shares, "192.0.2.1", 1)) == 1
    assert not occupy(shares, "192.0.2.1", thread_shares.MAX_QUEUED)
    assert not shares.enter(Connection(("192.0.2.1", 1)))
    assert shares.enter(Connection(("192.0.2.2", 1)))


def test_clients_of_a_proxy_or_unix_socket_share_all_threads() -> None:
    assert len(occupy(ThreadShares(40, by_address=False), "192.0.2.1")) == 40
    shares = ThreadShares(40)
    assert shares.enter(Connection(b""))
    assert len(start_all(shares)) == 1


def test_an_ipv6_network_is_one_client_but_mapped_ipv4_addresses_are_several() -> None:
    shares = ThreadShares(40)
    count = len(occupy(shares, "2001:db8::1"))
    assert not [each for each in occupy(shares, "2001:db8::2", 30) if each.client[0] == "2001:db8::2"]
    mapped = ThreadShares(40)
    assert len(occupy(mapped, "::ffff:192.0.2.1")) == count
    assert {each.client[0] for each in occupy(mapped, "::ffff:192.0.2.2")} == {"::ffff:192.0.2.2"}
