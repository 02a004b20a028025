"""HTTP requests to external servers, with timeouts; URLs from users can't reach private networks. The only module with sessions."""

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
from lib.waiting import before_waiting

_TIMEOUT_S = (5.0, 10.0)  # connect, read
_DEADLINE_S = 20.0  # for the whole request
_MAX_TEXT_BYTES = 2000
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


class UrlRefused(errors.ValidationFailed):
    """This URL is not allowed."""

    hint = "Use a public http or https URL. The operator can allow private addresses with WEBHOOK_ALLOW_PRIVATE."


class NoAnswer(errors.TransientError):
    """The server did not respond."""


@dataclass(frozen=True)
class Response:
    """A response. `text` is the start of the body; `retry_after_s` is Retry-After if given in seconds (RFC 9110, 10.2.3)."""

    status: int
    text: str
    retry_after_s: int | None = None


def check_url(url: str, *, allow_private: bool) -> None:
    """Raise UrlRefused unless this is an http(s) URL whose host is allowed."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise UrlRefused("It is not a valid URL.") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or any(sign <= " " or sign == "\x7f" for sign in url):
        raise UrlRefused("It must begin with http:// or https:// and contain a host.")
    if parts.username is not None or parts.password is not None:
        raise UrlRefused("It must not contain a user name or password.")
    resolve_host(parts.hostname, port, allow_private=allow_private)


def resolve_host(host: str, port: int, *, allow_private: bool) -> list[str]:
    """Return the IP addresses of a host. Raises UrlRefused for an unknown host, or if one of them is private."""
    before_waiting()
    try:
        results = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise UrlRefused(f"The host {host} is unknown.") from None
    addresses = list(dict.fromkeys(str(each[4][0]) for each in results))
    if not allow_private and not all(is_public(address) for address in addresses):
        raise UrlRefused(f"The host {host} has a private address.")
    return addresses


def is_public(address: str) -> bool:
    """Return whether an IP address is public, including IPv4 addresses embedded in IPv6 (mapped, 6to4, Teredo, NAT64)."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        embedded = [ip.ipv4_mapped, ip.sixtofour, *(ip.teredo or ()), ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None]
        if any(each is not None and not is_public(str(each)) for each in embedded):
            return False
        if ip.ipv4_mapped is not None:
            return True
    return ip.is_global and not ip.is_multicast and not ip.is_reserved


def raise_for_status(provider: str, response: Response) -> None:
    """Raise ProviderBusy, ProviderDown or ProviderRefused if the response is an error."""
    detail = f"{provider} responded with {response.status}. {response.text[:300]}".strip()
    if response.status == 429:
        raise errors.ProviderBusy(detail, wait_s=response.retry_after_s)
    if response.status >= 500:
        raise errors.ProviderDown(detail)
    if response.status >= 400:
        raise errors.ProviderRefused(detail)


def post(url: str, body: bytes, headers: Mapping[str, str], *, allow_private: bool) -> Response:
    """Send one POST without redirects, proxies or cookies, within 20 seconds. Raises UrlRefused and NoAnswer."""
    return _request("POST", url, body, headers, allow_private)


def get(url: str, *, allow_private: bool) -> Response:
    """Send one GET like `post` and return the first 2,000 bytes of the body."""
    return _request("GET", url, None, {"Accept": "application/json"}, allow_private)


def _request(method: str, url: str, body: bytes | None, headers: Mapping[str, str], allow_private: bool) -> Response:
    connection = _PinnedConnection(allow_private)
    with _session(connection) as session, connection.deadline(_DEADLINE_S):
        try:
            response = session.request(
                method, url, data=body, headers=dict(headers), timeout=_TIMEOUT_S, allow_redirects=False, stream=True
            )
            with contextlib.closing(response):
                text = response.raw.read(_MAX_TEXT_BYTES, decode_content=False) or b""
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}"[:400]) from error
    retry_after = response.headers.get("Retry-After", "").strip()
    wait_s = int(retry_after) if retry_after.isascii() and retry_after.isdigit() and len(retry_after) < 7 else None
    return Response(response.status_code, text.decode("utf-8", "replace").replace("\0", ""), wait_s)


def fetch(url: str, *, max_bytes: int, allow_private: bool) -> Response:
    """Send one GET like `post` and return the whole body. Raises UrlRefused, and NoAnswer also if the body exceeds `max_bytes`."""
    connection = _PinnedConnection(allow_private)
    headers = {"Accept": "application/json", "Accept-Encoding": "identity"}
    check_url(url, allow_private=allow_private)
    with _session(connection) as session, connection.deadline(_DEADLINE_S):
        try:
            response = session.get(url, headers=headers, timeout=_TIMEOUT_S, allow_redirects=False, stream=True)
            with contextlib.closing(response):
                body = response.raw.read(max_bytes + 1, decode_content=False) or b""
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}"[:400]) from error
    if len(body) > max_bytes:
        raise NoAnswer(f"The response is larger than {max_bytes} bytes.")
    return Response(response.status_code, body.decode("utf-8", "replace"))


class _PinnedConnection:
    """Opens the connection of one request to an address that was checked: the name is resolved once, which prevents DNS rebinding."""

    def __init__(self, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._handle: socket.socket | None = None

    def open(self, host: str, port: int, timeout_s: Any, options: Any) -> socket.socket:
        failure: OSError | None = None
        for address in resolve_host(host, port, allow_private=self._allow_private):
            try:
                connected = create_connection((address, port), timeout_s, socket_options=options)
            except OSError as error:
                failure = error
                continue
            self._handle = connected.dup()  # stays valid when the socket is wrapped in TLS
            return connected
        raise failure or NoAnswer("The host has no address.")

    @contextlib.contextmanager
    def deadline(self, timeout_s: float) -> Any:
        """Close the connection at the deadline: the read timeout alone does not stop a server that sends single bytes."""
        timer = threading.Timer(timeout_s, self._abort)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            if self._handle is not None:
                self._handle.close()

    def _abort(self) -> None:
        if self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


def _session(connection: _PinnedConnection) -> requests.Session:
    class Plain(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connection.open(self.host, int(self.port or 80), self.timeout, self.socket_options)

    class Secure(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connection.open(self.host, int(self.port or 443), self.timeout, self.socket_options)

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
