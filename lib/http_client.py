"""HTTP requests to external servers, with timeouts; URLs that users enter can't reach private networks."""

from __future__ import annotations

import contextlib
import functools
import math
import socket
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.cookiejar import DefaultCookiePolicy
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.util.ssl_ import create_urllib3_context

import errors
from errors import UrlRefused
from lib.address_guard import AddressPolicy, parse_url, resolve_host, with_ascii_host

_TIMEOUT_S = (5.0, 10.0)  # connect, read
_DEADLINE_S = 20.0  # for the whole request
_DOWNLOAD_TIMEOUT_S = (10.0, 30.0)  # connect, one read
_BLOCK_BYTES = 2**18
_MAX_REDIRECTS = 10
_REDIRECTS = (301, 302, 303, 307, 308)
_MAX_EXCERPT_BYTES = 2000
_MAX_RESPONSE_BYTES = 4 * 2**20  # of an API
_MAX_RETRY_AFTER_DIGITS = 6
_JSON_HEADERS = {"Accept": "application/json"}


class NoAnswer(errors.TransientError):
    """The server did not respond."""


class ResponseTooLarge(errors.TransientError):
    """The response of the server is too large."""


@dataclass(frozen=True)
class Download:
    """A response whose body is read block by block. `url` is the one after redirects; `headers` ignore case."""

    status: int
    url: str
    headers: Mapping[str, str]
    blocks: Iterator[bytes]

    def read(self, max_bytes: int) -> bytes:
        """Return the start of the body."""
        body = bytearray()
        for block in self.blocks:
            body += block
            if len(body) >= max_bytes:
                break
        return bytes(body[:max_bytes])

    def text(self, max_bytes: int) -> str:
        """Return the start of the body as text."""
        return self.read(max_bytes).decode("utf-8", "replace").replace("\0", "")


@dataclass(frozen=True)
class Response:
    """A response. `text` is the body or its start; `retry_after_s` is Retry-After if it is a number of seconds (RFC 9110, 10.2.3)."""

    status: int
    text: str
    retry_after_s: int | None = None


def check_url(url: str, *, allow_private: bool) -> None:
    """Raise UrlRefused unless this is an http(s) URL whose host is known and allowed."""
    host, port = parse_url(url)
    resolve_host(host, port, AddressPolicy(allow_private))


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
    parse_url(url)
    response, body = _request("GET", url, None, _JSON_HEADERS, max_bytes + 1, allow_private)
    if len(body) > max_bytes:
        raise ResponseTooLarge(f"It has more than {max_bytes} bytes.")
    return _as_response(response, body)


@dataclass(frozen=True)
class BinaryResponse:
    """A response whose body need not be text. `response.text` is the body of an error, otherwise ""."""

    response: Response
    body: bytes


def post_for_bytes(
    url: str, body: bytes, headers: Mapping[str, str], *, max_bytes: int, timeout_s: float, allow_private: bool
) -> BinaryResponse:
    """Send one POST like `post` to a service that may think for `timeout_s`; return the whole body. Raises also ResponseTooLarge."""
    response, content = _request("POST", url, body, headers, max_bytes + 1, allow_private, timeout_s)
    if len(content) > max_bytes:
        raise ResponseTooLarge(f"It has more than {max_bytes} bytes.")
    return BinaryResponse(_as_response(response, content if response.status_code >= 400 else b""), content)


@dataclass(frozen=True)
class FullResponse:
    """A response with its headers, which ignore case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace").replace("\0", "")


def send(method: str, url: str, body: bytes | None, headers: Mapping[str, str], *, timeout_s: float, allow_private: bool) -> FullResponse:
    """Send one request like `post`, of any method; return headers and body of the response. Raises also ResponseTooLarge."""
    response, content = _request(method, url, body, headers, _MAX_RESPONSE_BYTES + 1, allow_private, timeout_s)
    if len(content) > _MAX_RESPONSE_BYTES:
        raise ResponseTooLarge(f"It has more than {_MAX_RESPONSE_BYTES} bytes.")
    return FullResponse(response.status_code, response.headers, content)


@contextlib.contextmanager
def open_download(
    url: str, policy: AddressPolicy, *, method: str = "GET", headers: Mapping[str, str] = MappingProxyType({}), credentials: str = ""
) -> Iterator[Download]:
    """Send a GET, or another request without a body and cookies; check and follow redirects. Raises UrlRefused and NoAnswer.

    `credentials` is a value of the header Authorization; it goes only to the origin of `url`. The whole download has no deadline.
    """
    origin = _origin(url)
    for _ in range(_MAX_REDIRECTS):
        parse_url(url)
        url = with_ascii_host(url)
        authorization = {"Authorization": credentials} if credentials and _origin(url) == origin else {}
        connector = _PinnedConnector(policy, math.inf)
        with _session(connector) as session, contextlib.closing(connector):
            with _network_errors():
                response = session.request(
                    method,
                    url,
                    headers={"Accept-Encoding": "identity", **headers, **authorization},
                    timeout=_DOWNLOAD_TIMEOUT_S,
                    allow_redirects=False,
                    stream=True,
                )
            with contextlib.closing(response):
                if response.status_code not in _REDIRECTS or not response.headers.get("Location"):
                    yield Download(response.status_code, url, response.headers, _blocks(response))
                    return
                url = urljoin(url, response.headers["Location"])
    raise UrlRefused(f"It redirects more than {_MAX_REDIRECTS} times.")


def _origin(url: str) -> tuple[str, str, int]:
    host, port = parse_url(url)
    return urlsplit(url).scheme, host, port


def _blocks(response: requests.Response) -> Iterator[bytes]:
    with _network_errors():
        while block := response.raw.read1(_BLOCK_BYTES, decode_content=False):  # it does not wait for a full block
            yield block


@contextlib.contextmanager
def _network_errors() -> Iterator[None]:
    try:
        yield
    except (requests.RequestException, urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise NoAnswer(f"{type(error).__name__}: {error}"[:400]) from error


def _request(
    method: str,
    url: str,
    body: bytes | None,
    headers: Mapping[str, str],
    max_bytes: int,
    allow_private: bool,
    deadline_s: float | None = None,
) -> tuple[requests.Response, bytes]:
    """Send a request; return the response and at most `max_bytes` of its body, not decompressed."""
    connector = _PinnedConnector(AddressPolicy(allow_private), deadline_s or _DEADLINE_S)
    timeouts_s = (_TIMEOUT_S[0], deadline_s or _TIMEOUT_S[1])
    url = with_ascii_host(url)
    with _session(connector) as session, connector.enforce_deadline(), _network_errors():
        request_headers = {**headers, "Accept-Encoding": "identity"}
        response = session.request(method, url, data=body, headers=request_headers, timeout=timeouts_s, allow_redirects=False, stream=True)
        with contextlib.closing(response):
            return response, response.raw.read(max_bytes, decode_content=False) or b""


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

    def __init__(self, policy: AddressPolicy, timeout_s: float) -> None:
        self._policy = policy
        self._timeout_s = timeout_s
        self._deadline = time.monotonic() + timeout_s
        self._handle: socket.socket | None = None

    def open(self, host: str, port: int, connect_timeout_s: float, options: Any) -> socket.socket:
        failure: OSError | None = None
        for address in resolve_host(host, port, self._policy):
            timeout_s = min(connect_timeout_s, self._remaining_s())
            try:
                connection = _connect(address, port, timeout_s, options)
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
            self.close()

    def close(self) -> None:
        if self._handle is not None:
            self._handle.close()

    def _abort(self) -> None:
        if self._handle is not None:
            with contextlib.suppress(OSError):
                self._handle.shutdown(socket.SHUT_RDWR)


def _connect(address: str, port: int, timeout_s: float, options: Any) -> socket.socket:
    """Connect to an IP address without looking it up: `address_guard.ProcessGuard` knows the address by the name that was allowed."""
    connection = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET)
    try:
        for option in options or ():
            connection.setsockopt(*option)
        connection.settimeout(timeout_s)
        connection.connect((address, port))
    except BaseException:
        connection.close()
        raise
    return connection


def _session(connector: _PinnedConnector) -> requests.Session:
    bundle = _ca_bundle()

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
            super().init_poolmanager(*args, **kwargs, ssl_context=_tls_context(bundle, ssl.get_default_verify_paths()))
            self.poolmanager.pool_classes_by_scheme = {"http": PinnedHttpPool, "https": PinnedHttpsPool}

    session = requests.Session()
    session.verify = bundle
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.mount("http://", PinnedAdapter())
    session.mount("https://", PinnedAdapter())
    return session


@functools.cache
def _tls_context(_bundle: bool | str, _paths: ssl.DefaultVerifyPaths) -> ssl.SSLContext:
    """Return a context that trusts the certificates of the operating system, or those that SSL_CERT_FILE and SSL_CERT_DIR name.

    requests adds those of the bundle to it. There is one context for each bundle and each value of these variables.
    """
    context = create_urllib3_context()
    context.load_default_certs()
    return context


def _ca_bundle() -> bool | str:
    """Return the path in REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, which requests reads; True for the bundle of certifi."""
    with requests.Session() as session:
        verify = session.merge_environment_settings("", {}, None, None, None)["verify"]
    return True if verify is None else verify
