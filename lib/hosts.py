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


def is_known_host(host: str, allowed: Collection[str]) -> bool:
    """Return whether the Host header of a request names this server: an allowed name, a private address or this machine's own name.

    Anyone can send any Host header; a link with an unknown one could lead a reader to another server.
    """
    name = urlsplit(f"//{host}").hostname or ""
    if host.lower() in allowed or name in allowed or name in ("localhost", _own_name()):
        return True
    try:
        return ipaddress.ip_address(name.partition("%")[0]).is_private  # includes loopback and link-local
    except ValueError:
        return False


@functools.cache
def _own_name() -> str:
    return socket.gethostname().lower()
