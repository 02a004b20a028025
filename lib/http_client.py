"""The only door to other people's HTTP servers: every session has a timeout, and addresses that users gave lead outside only."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.connection import create_connection

import errors

_TIMEOUT_S = (5.0, 10.0)  # to connect, to the next byte
_DEADLINE_S = 20.0  # for all of it
_READ_BYTES = 2000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 address is in the last 32 bits


class UrlRefused(errors.ValidationFailed):
    """This address can't be called from here."""

    hint = "Give an http or https address that leads to the internet; the operator can allow private ones by WEBHOOK_ALLOW_PRIVATE."


class NoAnswer(errors.TransientError):
    """The server did not answer."""


@dataclass(frozen=True)
class Answer:
    """`text` is the beginning of the body; `retry_after_s` what Retry-After asks for, where it names seconds (RFC 9110, 10.2.3)."""

    status: int
    text: str
    retry_after_s: int | None = None


def check_url(url: str, *, allow_private: bool) -> None:
    """Raise UrlRefused unless this is an http(s) address whose host leads where we may call."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise UrlRefused("It is no address.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or any(sign <= " " or sign == "\x7f" for sign in url):
        raise UrlRefused("It must begin with http:// or https:// and name a host.")
    if parts.username is not None or parts.password is not None:
        raise UrlRefused("It may hold no user name and no password.")
    addresses_of(parts.hostname, port, allow_private=allow_private)


def addresses_of(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The host's addresses, all of them public. Raises UrlRefused."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UrlRefused(f"The host {host} is not known.") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
    if not allow_private and not all(is_public(address) for address in addresses):
        raise UrlRefused(f"The host {host} has a private address.")
    return addresses


def is_public(address: str) -> bool:
    """Whether it leads to the internet; IPv4 inside IPv6 (mapped, 6to4, Teredo, NAT64) is looked at too."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()), ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None]
        if any(each is not None and not is_public(str(each)) for each in inner):
            return False
        if ip.ipv4_mapped is not None:
            return True
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def raise_for_status(who: str, answer: Answer) -> None:
    """What a service's refusal means for the work that asked it. Raises ProviderBusy, ProviderDown or ProviderRefused."""
    said = f"{who} answered {answer.status}. {answer.text[:300]}".strip()
    if answer.status == 429:
        raise errors.ProviderBusy(said, wait_s=answer.retry_after_s)
    if answer.status >= 500:
        raise errors.ProviderDown(said)
    if answer.status >= 400:
        raise errors.ProviderRefused(said)


def post(url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> Answer:
    """Post once: no redirects, no proxies, no cookies, within 20 seconds. Raises UrlRefused and NoAnswer."""
    return _ask("POST", url, body, headers, allow_private)


def look(url: str, *, allow_private: bool) -> Answer:
    """Get once, like `post`: for the first 2,000 bytes of what an address says."""
    return _ask("GET", url, None, {"Accept": "application/json"}, allow_private)


def _ask(method: str, url: str, body: bytes | None, headers: Mapping[str, str], allow_private: bool) -> Answer:
    line = _PinnedConnection(allow_private)
    with _session(line) as session, line.until(_DEADLINE_S):
        try:
            response = session.request(
                method, url, data=body, headers=dict(headers), timeout=_TIMEOUT_S, allow_redirects=False, stream=True
            )
            with contextlib.closing(response):
                text = response.raw.read(_READ_BYTES, decode_content=False) or b""
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}"[:400]) from error
    pause = response.headers.get("Retry-After", "").strip()
    wait_s = int(pause) if pause.isascii() and pause.isdigit() and len(pause) < 7 else None
    return Answer(response.status_code, text.decode("utf-8", "replace").replace("\0", ""), wait_s)


def fetch(url: str, *, most_bytes: int, allow_private: bool) -> Answer:
    """Get a whole body of at most `most_bytes`, like `post`. Raises UrlRefused and NoAnswer, also for one that is larger."""
    line = _PinnedConnection(allow_private)
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    check_url(url, allow_private=allow_private)
    with _session(line) as session, line.until(_DEADLINE_S):
        try:
            response = session.get(url, headers=headers, timeout=_TIMEOUT_S, allow_redirects=False, stream=True)
            with contextlib.closing(response):
                body = response.raw.read(most_bytes + 1, decode_content=False) or b""
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}"[:400]) from error
    if len(body) > most_bytes:
        raise NoAnswer(f"It sends more than {most_bytes} bytes.")
    return Answer(response.status_code, body.decode("utf-8", "replace"))


class _PinnedConnection:
    """Opens the connection of one request, to an address that was looked at: a name is resolved once, so it can't change in between."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._handle: socket.socket | None = None

    def open(self, host: str, port: int, timeout_s: Any, options: Any) -> socket.socket:
        failure: OSError | None = None
        for address in addresses_of(host, port, allow_private=self._allow_private):
            try:
                connected = create_connection((address, port), timeout_s, socket_options=options)
            except OSError as error:
                failure = error
                continue
            self._handle = connected.dup()  # survives the wrapping into TLS
            return connected
        raise failure or NoAnswer("It has no address.")

    @contextlib.contextmanager
    def until(self, seconds: float) -> Any:
        """Cut the line when the time is up: a server that sends a byte now and then would keep us for ever."""
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            if self._handle is not None:
                self._handle.close()

    def _cut(self) -> None:
        if self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


def _session(line: _PinnedConnection) -> requests.Session:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return line.open(self.host, int(self.port or 80), self.timeout, self.socket_options)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return line.open(self.host, int(self.port or 443), self.timeout, self.socket_options)

    class PlainPool(HTTPConnectionPool):
        ConnectionCls = Plain

    class SecurePool(HTTPSConnectionPool):
        ConnectionCls = Secure

    class Adapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": PlainPool, "https": SecurePool}

    session = requests.Session()
    session.trust_env = False
    session.mount("http://", Adapter())
    session.mount("https://", Adapter())
    return session
