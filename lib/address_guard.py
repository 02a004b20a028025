"""Checks the targets of requests to URLs that users enter: http(s) only, and no private network unless a setting allows it.

`http_client` connects to the addresses that `resolve_host` has checked. `restrict_this_process` does the same for libraries that open
their own connections; it is for child processes.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import idna

from errors import UrlRefused
from lib.waiting import before_waiting

_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address
_UNICAST = ipaddress.ip_network("2000::/3")  # all global unicast IPv6 addresses that IANA assigns
_SPECIAL = [  # of the IANA special-purpose address registries; not every version of `ipaddress` knows them as private
    ipaddress.ip_network(network)
    for network in (
        "192.0.0.0/24",  # IETF protocols, among them DS-Lite, PCP and TURN at the provider or in the own network
        "192.88.99.0/24",  # 6to4 relays, deprecated
        "2001::/32",  # Teredo: reaches any UDP port of the embedded address
        "2001:10::/28",  # ORCHID, deprecated
        "2001:db8::/32",  # documentation
        "3fff::/20",  # documentation
    )
]
_PROGRAM_EVENTS = ("os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "os.spawn", "os.system", "pty.spawn")


@dataclass(frozen=True)
class AddressPolicy:
    """Addresses that connections may use besides public ones: all, or those of `allowed_hosts` (`host`, or `host:port` for one port)."""

    allow_private: bool = False
    allowed_hosts: tuple[str, ...] = ()

    def allows(self, host: str, port: int) -> bool:
        """Return whether the host may have private addresses."""
        name = host.rstrip(".").lower()
        literal = f"[{name}]" if ":" in name else name
        hosts = {each.rstrip(".").lower() for each in self.allowed_hosts}
        return self.allow_private or not hosts.isdisjoint((name, literal, f"{literal}:{port}"))

    def check_literal(self, host: str, port: int) -> None:
        """Raise UrlRefused for an IP address that is neither public nor allowed, and for `localhost`. Resolves no name."""
        name = host.rstrip(".").lower()
        address = _literal_address(name)
        is_private = not is_public(address) if address else name == "localhost" or name.endswith(".localhost")
        if is_private and not self.allows(host, port):
            raise UrlRefused(f"The host {host} has a private address.")


def parse_url(url: str) -> tuple[str, int]:
    """Return the host, in ASCII, and the port of an http(s) URL. Raises UrlRefused. Resolves no name."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise UrlRefused("It is not a valid URL.") from None
    if any(character <= " " or character == "\x7f" for character in url):
        raise UrlRefused("It must not contain spaces or control characters.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UrlRefused("It must begin with http:// or https:// and contain a host.")
    if parts.username is not None or parts.password is not None or "\\" in parts.netloc:
        raise UrlRefused("It must not contain a user name or password.")
    return _ascii_host(parts.hostname), port


def with_ascii_host(url: str) -> str:
    """Return a URL with its host in ASCII, which HTTP libraries take: `http://\uff11\uff12\uff17\u30020.0.1/` is `http://127.0.0.1/`.

    Raises UrlRefused for a host that can't be mapped.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise UrlRefused("It is not a valid URL.") from None
    if parts.netloc.isascii():
        return url
    host, _ = parse_url(url)
    literal = f"[{host}]" if ":" in host else host
    return parts._replace(netloc=f"{literal}:{parts.port}" if parts.port else literal).geturl()


def _ascii_host(host: str) -> str:
    """Map a host to ASCII as browsers do (UTS 46): other digits and full stops become the usual ones, other letters Punycode."""
    if host.isascii():
        return host
    try:
        return unicodedata.normalize("NFKC", host) if ":" in host else idna.encode(host, uts46=True).decode()
    except UnicodeError:  # idna.IDNAError is one
        raise UrlRefused(f"The host {host} is not a valid name.") from None


def _literal_address(name: str) -> str:
    """Return the IP address that a host is, also in one of the short forms of IPv4 (`127.1`, `2130706433`, `0x7f.1`); "" for a name."""
    try:
        return str(ipaddress.ip_address(name.partition("%")[0]))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(name))
    except OSError:
        return ""


def resolve_host(host: str, port: int, policy: AddressPolicy) -> list[str]:
    """Return the IP addresses of a host. Raises UrlRefused for an unknown host, or if one of them is private and not allowed."""
    before_waiting()
    try:
        results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UrlRefused(f"The host {host} is unknown.", hint="Check the spelling of the URL.") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in results))
    _check_addresses(host, port, addresses, policy)
    return addresses


def _check_addresses(host: str, port: int, addresses: list[str], policy: AddressPolicy) -> None:
    if not all(is_public(address) for address in addresses) and not policy.allows(host, port):
        raise UrlRefused(f"The host {host} has a private address.")


def is_public(address: str) -> bool:
    """Return whether an IP address is public; of IPv6 addresses that embed one of IPv4 (mapped, 6to4, NAT64), whether that one is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded_address = ip.ipv4_mapped or ip.sixtofour or (ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if embedded_address is not None:
            return is_public(str(embedded_address))
        if ip not in _UNICAST:
            return False
    return ip.is_global and not ip.is_multicast and not ip.is_reserved and not any(ip in network for network in _SPECIAL)


class ProcessGuard:
    """Restricts the connections of this process for the rest of its life. `refusal` is the first refused one.

    Names are checked when they are resolved. Python reports each connection to audit hooks (PEP 578), which no library can bypass: it must
    go to a literal address that is public or belongs to an allowed host. No program may start except those of `programs`.
    """

    def __init__(self, policy: AddressPolicy, programs: tuple[str, ...]) -> None:
        self.refusal: UrlRefused | None = None
        self._policy, self._programs = policy, programs
        self._checked_addresses: set[tuple[str, int]] = set()
        self._resolve = socket.getaddrinfo
        self._checks: Mapping[str, Callable[[tuple[Any, ...]], None]] = {
            "socket.connect": self._check_connection,
            "socket.sendto": self._check_connection,
            "socket.sendmsg": self._check_connection,
            "subprocess.Popen": self._check_program,
            **dict.fromkeys(_PROGRAM_EVENTS, self._check_program),
        }

    def install(self) -> None:
        socket.getaddrinfo = self._checked_getaddrinfo
        sys.addaudithook(self._audit)

    def _audit(self, event: str, arguments: tuple[Any, ...]) -> None:
        check = self._checks.get(event)
        if check is not None:
            try:
                check(arguments)
            except UrlRefused as refusal:
                self.refusal = self.refusal or refusal
                raise

    def _checked_getaddrinfo(self, host: Any, port: Any, *arguments: Any, **options: Any) -> Any:
        results = self._resolve(host, port, *arguments, **options)
        name, number = host.decode() if isinstance(host, bytes) else str(host), int(results[0][4][1])
        addresses = [str(each[4][0]) for each in results]
        try:
            _check_addresses(name, number, addresses, self._policy)
        except UrlRefused as refusal:
            self.refusal = self.refusal or refusal
            raise
        if self._policy.allows(name, number):
            self._checked_addresses |= {(address, number) for address in addresses}
        return results

    def _check_connection(self, arguments: tuple[Any, ...]) -> None:
        address = arguments[1]
        if not isinstance(address, tuple):
            raise UrlRefused("Connections to local sockets are not allowed.")
        host, port = str(address[0]), int(address[1])
        try:
            is_allowed = is_public(host) or (host, port) in self._checked_addresses
        except ValueError:
            raise UrlRefused(f"The host {host} was not resolved.") from None
        if not is_allowed:
            raise UrlRefused(f"The address {host} is private.")

    def _check_program(self, arguments: tuple[Any, ...]) -> None:
        program = os.fsdecode(arguments[0]) if arguments and isinstance(arguments[0], str | bytes | os.PathLike) else ""
        if program not in self._programs:
            raise UrlRefused(f"The link needs the program {program or 'of another process'}, which is not allowed.")


def restrict_this_process(policy: AddressPolicy, programs: tuple[str, ...] = ()) -> ProcessGuard:
    """Apply the policy to every connection of this process, whichever library opens it; only the programs at these paths may start."""
    guard = ProcessGuard(policy, programs)
    guard.install()
    return guard
