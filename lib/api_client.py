"""A client of another Lectern server, named by the operator: private addresses are allowed, every call has a timeout."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

import errors
from lib.disk import disk_errors
from lib.serialization import atomic_write

_TIMEOUT_S = (5.0, 60.0)  # to connect, to the next byte
_BLOCK_BYTES = 1 << 20


class ApiRefused(errors.LecternError):
    """The server refuses the request."""

    code = "peer_refused"
    status = 502

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"The server answered {status} {code}: {detail}")
        self.http_status, self.api_code = status, code


class ApiClient:
    """Raises TransientError where the server does not answer or answers 5xx, and ApiRefused for 3xx and 4xx."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._headers = url.rstrip("/"), {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, **body: Any) -> dict[str, Any] | None:
        """Return the JSON of the response; None for 204. `path` may be a full URL on this server."""
        response = self._request(method, path, json=body)
        return None if response.status_code == 204 else dict(response.json())

    def download(self, path: str, target: Path, **query: Any) -> None:
        """Save the body of a response as a file."""
        request = self._request("GET", path, params=query, stream=True)
        with request as response, atomic_write(target) as part, disk_errors(), part.open("wb") as file:
            try:
                for block in response.iter_content(_BLOCK_BYTES):
                    file.write(block)
            except requests.RequestException as error:
                raise errors.TransientError(f"{self._url} closed the connection: {error}") from error

    def upload(self, path: str, source: Path, **query: Any) -> None:
        """Send a file as the body of a PUT request."""
        with source.open("rb") as file:
            self._request("PUT", path, data=file, params=query)

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        url = path if "://" in path else self._url + path
        if urlsplit(url)[:2] != urlsplit(self._url)[:2]:
            raise errors.ValidationFailed(f"{url} is not on {self._url}: the key is not sent to other servers.")
        try:
            response = requests.request(method, url, headers=self._headers, timeout=_TIMEOUT_S, allow_redirects=False, **options)
        except requests.RequestException as error:
            raise errors.TransientError(f"{self._url} does not answer ({type(error).__name__}).") from error
        if response.status_code >= 500:
            raise errors.TransientError(f"{self._url} answered {response.status_code}.")
        if response.status_code >= 300:
            raise _to_refusal(response)
        return response


def _to_refusal(response: requests.Response) -> ApiRefused:
    try:
        body = response.json()
    except ValueError:
        body = {}
    body = body if isinstance(body, dict) else {}
    return ApiRefused(response.status_code, str(body.get("code", "")), str(body.get("error", response.text[:200])))
