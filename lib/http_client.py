"""HTTP requests to external servers, with timeouts; URLs from users can't reach private networks. The only module with sessions."""

from __future__ import annotations

import contextlib
import ipaddress
import socket
import threading
import time
from collections.abc import Iterator, Mapping
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
_MAX_EXCERPT_BYTES = 2000
_MAX_RETRY_AFTER_DIGITS = 6
_JSON_HEADERS = {"Accept": "application/json", "Accept-Encoding": "identity"}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: the last 32 bits are an IPv4 address


class UrlRefused(errors.ValidationFailed):
    """This URL is not allowed."""

    hint = "Use a public http or https URL."


class NoAnswer(errors.TransientError):
    """The server did not respond."""


class ResponseTooLarge(errors.TransientError):
    """The response of the server is too large."""


@dataclass(frozen=True)
class Response:
    """A response. `text` is the body or its start; `retry_after_s` is Retry-After if it is a number of seconds (RFC 9110, 10.2.3)."""

    status: int
    text: str
    retry_after_s: int | None = None


def check_url(url: str, *, allow_private: bool) -> None:
    """Raise UrlRefused unless this is an http(s) URL whose host is known and allowed."""
    host, port = _parse_url(url)
    resolve_host(host, port, allow_private=allow_private)


def _parse_url(url: str) -> tuple[str, int]:
    """Return the host and the port of an http(s) URL. Raises UrlRefused. Resolves no name."""
    try:
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError:
        raise UrlRefused("It is not a valid URL.") from None
    if any(character <= " " or character == "\x7f" for character in url):
        raise UrlRefused("It must not contain spaces or control characters.")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UrlRefused("It must begin with http:// or https:// and contain a host.")
    if parts.username is not None or parts.password is not None:
        raise UrlRefused("It must not contain a user name or password.")
    return parts.hostname, port


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
    """Send one POST without redirects, proxies or cookies; return the first 2,000 bytes of the body. Raises UrlRefused and NoAnswer."""
    return _as_response(*_request("POST", url, body, headers, _MAX_EXCERPT_BYTES, allow_private))


def get_excerpt(url: str, *, allow_private: bool) -> Response:
    """Send one GET like `post`; return the first 2,000 bytes of the body."""
    return _as_response(*_request("GET", url, None, _JSON_HEADERS, _MAX_EXCERPT_BYTES, allow_private))


def get(url: str, *, max_bytes: int, allow_private: bool) -> Response:
    """Send one GET like `post`; return the whole body. Raises also ResponseTooLarge.

    The URL is checked here, as it may come from another server's response. Those of other requests are checked when they are saved.
    """
    _parse_url(url)
    response, body = _request("GET", url, None, _JSON_HEADERS, max_bytes + 1, allow_private)
    if len(body) > max_bytes:
        raise ResponseTooLarge(f"It has more than {max_bytes} bytes.")
    return _as_response(response, body)


def _request(
    method: str, url: str, body: bytes | None, headers: Mapping[str, str], max_bytes: int, allow_private: bool
) -> tuple[requests.Response, bytes]:
    """Send a request; return the response and at most `max_bytes` of its body, not decompressed."""
    connector = _PinnedConnector(allow_private, _DEADLINE_S)
    with _session(connector) as session, connector.enforce_deadline():
        try:
            response = session.request(
                method, url, data=body, headers=dict(headers), timeout=_TIMEOUT_S, allow_redirects=False, stream=True
            )
            with contextlib.closing(response):
                return response, response.raw.read(max_bytes, decode_content=False) or b""
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
            raise NoAnswer(f"{type(error).__name__}: {error}"[:400]) from error


def _as_response(response: requests.Response, body: bytes) -> Response:
    retry_after = response.headers.get("Retry-After", "").strip()
    is_number = retry_after.isascii() and retry_after.isdigit() and len(retry_after) <= _MAX_RETRY_AFTER_DIGITS
    text = body.decode("utf-8", "replace").replace("\0", "")
    return Response(response.status_code, text, int(retry_after) if is_number else None)


class _PinnedConnector:
    """Opens the connection of one request to an address that was checked: the name is resolved once, which prevents DNS rebinding.

    The deadline limits connecting, TLS, sending and reading. It can't interrupt the resolver, which has its own timeout (resolv.conf(5));
    after a lookup that ends too late, the request fails.
    """

    def __init__(self, allow_private: bool, timeout_s: float) -> None:
        self._allow_private = allow_private
        self._timeout_s = timeout_s
        self._deadline = time.monotonic() + timeout_s
        self._handle: socket.socket | None = None

    def open(self, host: str, port: int, connect_timeout_s: float, options: Any) -> socket.socket:
        failure: OSError | None = None
        for address in resolve_host(host, port, allow_private=self._allow_private):
            timeout_s = min(connect_timeout_s, self._remaining_s())
            try:
                connection = create_connection((address, port), timeout_s, socket_options=options)
            except OSError as error:
                failure = error
                continue
            self._handle = connection.dup()  # stays valid when the socket is wrapped in TLS
            self._remaining_s()  # the timer may have ended before there was a handle
            return connection
        raise failure or NoAnswer("The host has no address.")

    def _remaining_s(self) -> float:
        remaining_s = self._deadline - time.monotonic()
        if remaining_s <= 0:
            raise TimeoutError(f"No connection within {self._timeout_s:.0f} s.")
        return remaining_s

    @contextlib.contextmanager
    def enforce_deadline(self) -> Iterator[None]:
        """Close the connection at the deadline: the read timeout alone does not stop a server that sends single bytes."""
        timer = threading.Timer(max(0.0, self._deadline - time.monotonic()), self._abort)
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


def _session(connector: _PinnedConnector) -> requests.Session:
    class PinnedHttpConnection(HTTPConnection):
        def _new_conn(self) -> socket.socket:
            return connector.open(self.host, int(self.port or 80), _TIMEOUT_S[0], self.socket_options)

    class PinnedHttpsConnection(HTTPSConnection):
        def _new_conn(self) -> socket.socket:
            return connector.open(self.host, int(self.port or 443), _TIMEOUT_S[0], self.socket_options)

    class PinnedHttpPool(HTTPConnectionPool):
        ConnectionCls = PinnedHttpConnection

    class PinnedHttpsPool(HTTPSConnectionPool):
        ConnectionCls = PinnedHttpsConnection

    class PinnedAdapter(HTTPAdapter):
        def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
            super().init_poolmanager(*args, **kwargs)
            self.poolmanager.pool_classes_by_scheme = {"http": PinnedHttpPool, "https": PinnedHttpsPool}

    session = requests.Session()
    session.trust_env = False
    session.mount("http://", PinnedAdapter())
    session.mount("https://", PinnedAdapter())
    return session
