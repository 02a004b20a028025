"""A small API client: register, upload, wait, download."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import requests


class ApiError(Exception):
    """An error response of the server; `body` is its envelope."""

    def __init__(self, response: requests.Response) -> None:
        try:
            self.body: dict[str, Any] = response.json()
        except ValueError:
            self.body = {"error": response.text[:500]}
        self.status = response.status_code
        super().__init__(f"{self.status} {self.body.get('code', '')}: {self.body.get('error', '')} {self.body.get('hint', '')}".strip())


class _MultipartFile:
    """A multipart body with one file, read while it is sent; `requests` alone would hold the file in memory."""

    def __init__(self, path: Path, fields: dict[str, str]) -> None:
        boundary = uuid.uuid4().hex
        self.content_type = f"multipart/form-data; boundary={boundary}"
        parts = [f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()]
        parts.append(f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{path.name}"\r\n\r\n')
        self._head, self._tail = "".join(parts).encode(), f"\r\n--{boundary}--\r\n".encode()
        self._path = path
        self._length = len(self._head) + path.stat().st_size + len(self._tail)

    def __len__(self) -> int:
        return self._length

    def __iter__(self) -> Any:
        yield self._head
        with self._path.open("rb") as file:
            while block := file.read(1 << 20):
                yield block
        yield self._tail


class Client:
    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        self.http = requests.Session()
        self._refresh_token = ""

    def call(self, method: str, path: str, **kwargs: Any) -> Any:
        """Return the response's JSON. Raises ApiError."""
        timeout = kwargs.pop("timeout", 60)
        response = self.http.request(method, self.url + path, timeout=timeout, **kwargs)
        if response.status_code == 401 and self._refresh_token:
            self._store_tokens(self.http.post(f"{self.url}/api/v1/auth/refresh", json={"refresh_token": self._refresh_token}, timeout=60))
            response = self.http.request(method, self.url + path, timeout=timeout, **kwargs)
        if not response.ok:
            raise ApiError(response)
        return response.json()

    def register(self) -> str:
        """Register a new user and use its tokens from now on; return the e-mail address."""
        email = f"{uuid.uuid4().hex[:12]}@example.org"
        account = {"email": email, "password": uuid.uuid4().hex}
        self._store_tokens(self.http.post(f"{self.url}/api/v1/auth/register", json=account, timeout=60))
        return email

    def _store_tokens(self, response: requests.Response) -> None:
        if not response.ok:
            raise ApiError(response)
        tokens = response.json()
        self._refresh_token = tokens["refresh_token"]
        self.http.headers["Authorization"] = f"Bearer {tokens['access_token']}"

    def upload(self, path: Path, **fields: str) -> dict[str, Any]:
        body = _MultipartFile(path, fields)
        response: dict[str, Any] = self.call("POST", "/upload", data=body, headers={"Content-Type": body.content_type}, timeout=3600)
        return response

    def wait(self, video_id: str, watch: Callable[[dict[str, Any]], None] = lambda status: None, every_s: float = 0.5) -> dict[str, Any]:
        """Poll until the job has ended; return the last status."""
        while True:
            status: dict[str, Any] = self.call("GET", f"/status/{video_id}")
            watch(status)
            if status["status"] in ("completed", "failed", "cancelled"):
                return status
            time.sleep(every_s)

    def download(self, url: str, target: Path) -> None:
        """Download a signed link."""
        with requests.get(url, stream=True, timeout=60) as response:
            if not response.ok:
                raise ApiError(response)
            with target.open("wb") as file:
                for block in response.iter_content(1 << 20):
                    file.write(block)
