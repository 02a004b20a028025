"""Sends the requests of Google's client with our own HTTP client, which has deadlines, and only to the server of the API."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import httplib2
from google.oauth2.credentials import Credentials
from google_auth_httplib2 import AuthorizedHttp

from lib import http_client
from services.youtube.oauth import AccessToken
from services.youtube.port import YouTubeRefused

_TIMEOUT_S, _MAX_TIMEOUT_S = 60.0, 600.0
_MIN_UPLOAD_BYTES_PER_S = 16 * 1024


def create_authorized_http(api_url: str, fetch_token: Callable[[], AccessToken]) -> AuthorizedHttp:
    """Return a transport that fetches an access token when it has none, and once more if the server refuses it."""

    def refresh(_request: Any, scopes: Sequence[str] | None) -> tuple[str, dt.datetime]:
        token = fetch_token()
        return token.token, dt.datetime.fromtimestamp(token.expires_at, dt.UTC).replace(tzinfo=None)

    credentials = Credentials(None, refresh_handler=refresh)  # type: ignore[no-untyped-call]
    return AuthorizedHttp(credentials, http=_Transport(api_url), max_refresh_attempts=1)


def check_server(api_url: str, url: str) -> None:
    """Raise YouTubeRefused unless the URL is on the server of the API."""
    if urlsplit(url)[:2] != urlsplit(api_url)[:2]:
        raise YouTubeRefused("The upload would go to another server.")


class _Transport:
    """Has the methods of httplib2.Http that the client calls. The URL is the operator's, so private addresses are allowed."""

    def __init__(self, api_url: str) -> None:
        self._api_url = api_url

    def request(
        self, uri: str, method: str = "GET", body: bytes | str | None = None, headers: Mapping[str, str] | None = None, **_: Any
    ) -> tuple[httplib2.Response, bytes]:
        check_server(self._api_url, uri)
        content = body.encode() if isinstance(body, str) else body
        timeout_s = min(_TIMEOUT_S + len(content or b"") / _MIN_UPLOAD_BYTES_PER_S, _MAX_TIMEOUT_S)
        response = http_client.send(method, uri, content, headers or {}, timeout_s=timeout_s, allow_private=True)
        return httplib2.Response({**response.headers, "status": str(response.status)}), response.body

    def close(self) -> None:
        """Do nothing: each request has its own connection."""
