"""Calls to a server that the operator named, with a token of its own: no guard on addresses, but time limits on everything."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests

import errors
from lib.disk import disk_errors
from lib.serialization import replacing

_TIMEOUT_S = (5.0, 60.0)  # to connect, to the next byte
_BLOCK_BYTES = 1 << 20


class ApiRefused(errors.LecternError):
    """The server refuses the request."""

    code = "peer_refused"
    status = 502

    def __init__(self, status: int, code: str, detail: str) -> None:
        super().__init__(f"It answers {status} {code}: {detail}")
        self.peer_status, self.api_code = status, code


class ApiClient:
    """One server, as one caller. Raises TransientError where it does not answer or answers 5xx, PeerRefused for 4xx."""

    def __init__(self, url: str, token: str) -> None:
        self._url, self._headers = url.rstrip("/"), {"Authorization": f"Bearer {token}"}

    def call(self, method: str, path: str, **told: Any) -> dict[str, Any] | None:
        """The answer's JSON; None for 204. `path` may be a whole address on this server."""
        response = self._ask(method, path, json=told)
        return None if response.status_code == 204 else dict(response.json())

    def download(self, path: str, target: Path) -> None:
        with self._ask("GET", path, stream=True) as response, replacing(target) as part, disk_errors(), part.open("wb") as file:
            try:
                for block in response.iter_content(_BLOCK_BYTES):
                    file.write(block)
            except requests.RequestException as error:
                raise errors.TransientError(f"{self._url} broke off: {error}") from error

    def upload(self, path: str, source: Path, **query: Any) -> None:
        with source.open("rb") as file:
            self._ask("PUT", path, data=file, params=query)

    def _ask(self, method: str, path: str, **how: Any) -> requests.Response:
        url = path if "://" in path else self._url + path
        if urlsplit(url)[:2] != urlsplit(self._url)[:2]:
            raise errors.ValidationFailed(f"{url} is not at {self._url}: the key is not sent there.")
        try:
            response = requests.request(method, url, headers=self._headers, timeout=_TIMEOUT_S, allow_redirects=False, **how)
        except requests.RequestException as error:
            raise errors.TransientError(f"{self._url} does not answer ({type(error).__name__}).") from error
        if response.status_code >= 500:
            raise errors.TransientError(f"{self._url} answers {response.status_code}.")
        if response.status_code >= 300:
            raise _refusal(response)
        return response


def _refusal(response: requests.Response) -> ApiRefused:
    try:
        said = response.json()
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    return ApiRefused(response.status_code, str(said.get("code", "")), str(said.get("error", response.text[:200])))
