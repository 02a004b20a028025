"""A client for the AI providers that the operator configures (OpenAI-compatible APIs). It retries requests that fail temporarily."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

import errors
from lib import http_client
from lib.backoff import backoff_s

T = TypeVar("T")
_FIRST_BACKOFF_S = 1.0
_MAX_BACKOFF_S = 60.0
_RETRY_WINDOW_TIMEOUTS = 2  # no attempt begins later than this many timeouts after the first


class ProviderApi:
    """A client that threads may share: after a response with Retry-After all of them wait.

    `name` begins error messages ("The language model"). `base_url` has no endpoint path; private addresses are allowed.
    `requests` counts the requests that were sent. A `key_header` other than Authorization holds the key without "Bearer".
    """

    def __init__(
        self, name: str, base_url: str, api_key: str, *, timeout_s: float, max_attempts: int = 4, key_header: str = "Authorization"
    ) -> None:
        self._name, self._base_url, self._api_key = name, base_url.rstrip("/"), api_key
        self._timeout_s, self._max_attempts = timeout_s, max_attempts
        self._key_header = key_header
        self._lock = threading.Lock()
        self._not_before = 0.0
        self.requests = 0

    def post(
        self,
        path: str,
        body: bytes,
        parse: Callable[[bytes], T],
        *,
        max_bytes: int,
        content_type: str = "application/json",
        accept: str = "application/json",
    ) -> T:
        """Send a request and return the parsed response. `parse` raises ProviderDown for a response that is worth a retry.

        Raises ProviderRefused, and TransientError when the last attempt fails. No attempt begins after twice `timeout_s`.
        """
        last_start = time.monotonic() + _RETRY_WINDOW_TIMEOUTS * self._timeout_s
        headers = {"Content-Type": content_type, "Accept": accept}
        if self._api_key:
            headers[self._key_header] = f"Bearer {self._api_key}" if self._key_header == "Authorization" else self._api_key
        for attempt in range(1, self._max_attempts + 1):
            time.sleep(max(0.0, self._not_before - time.monotonic()))
            try:
                return parse(self._send(path, body, headers, max_bytes))
            except errors.TransientError as error:
                if attempt == self._max_attempts or time.monotonic() >= last_start:
                    raise
                self._pause(attempt, error)
        raise AssertionError("at least one attempt")

    def _send(self, path: str, body: bytes, headers: dict[str, str], max_bytes: int) -> bytes:
        with self._lock:
            self.requests += 1
        response = http_client.post_for_bytes(
            f"{self._base_url}{path}", body, headers, max_bytes=max_bytes, timeout_s=self._timeout_s, allow_private=True
        )
        http_client.raise_for_status(self._name, response.response)
        return response.body

    def _pause(self, attempt: int, error: errors.TransientError) -> None:
        if isinstance(error, errors.ProviderBusy) and error.retry_after_s is not None:
            with self._lock:
                self._not_before = max(self._not_before, time.monotonic() + min(float(error.retry_after_s), _MAX_BACKOFF_S))
        else:
            time.sleep(backoff_s(attempt, _FIRST_BACKOFF_S, max_s=_MAX_BACKOFF_S, jitter=0.2))
