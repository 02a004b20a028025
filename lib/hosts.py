"""URLs of this server, and the host names that they may contain."""

from __future__ import annotations

import functools
import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit


def join_url(base: str, path: str) -> str:
    """Return the URL of a path below `base`, the server's address with its path prefix. All links of this server are made here."""
    return f"{base.rstrip('/')}{path}"


def is_known_host(host: str, allowed_hosts: Collection[str]) -> bool:
    """Return whether the Host header of a request names this server: an allowed name, a private address or this machine's own name.

    Anyone can send any Host header; a link with an unknown one could lead a reader to another server.
    """
    name = urlsplit(f"//{host}").hostname or ""
    if host.lower() in allowed_hosts or name in allowed_hosts or name in ("localhost", _own_name()):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_private  # includes loopback and link-local
    except ValueError:
        return False


@functools.lru_cache(maxsize=4096)
def client_network(address: str) -> str:
    """Return the address of a client, or for IPv6 its /64 network, which one customer has (RFC 6177). Raises ValueError.

    A socket that accepts both kinds of addresses shows IPv4 clients as `::ffff:192.0.2.1`: they are not one network.
    """
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False).network_address)


@functools.cache
def _own_name() -> str:
    return socket.gethostname().lower()
