"""A client of OpenAI-compatible chat endpoints (https://platform.openai.com/docs/api-reference/chat/create)."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import errors
from lib import http_client
from lib.backoff import backoff_s
from services.language_model.port import ChatOptions

_MAX_ANSWER_BYTES = 2 * 2**20
_FIRST_PAUSE_S = 1.0
_MAX_PAUSE_S = 60.0


@dataclass(frozen=True)
class Answer:
    """The text of an answer. `is_complete`: the model ended by itself, not at its limit of tokens."""

    text: str
    prompt_tokens: int
    completion_tokens: int
    is_complete: bool


class ChatClient:
    """Sends requests and retries those that fail temporarily. Threads may share it."""

    def __init__(self, options: ChatOptions) -> None:
        self._options = options
        self._url = f"{options.base_url.rstrip('/')}/chat/completions"
        self._lock = threading.Lock()
        self._not_before = 0.0  # for all threads, after a response with Retry-After to one of them
        self.requests = 0

    def ask(self, instructions: str, text: str) -> Answer:
        """Return the answer to a text. Raises ProviderRefused, and TransientError when the last attempt fails."""
        return self.complete([{"role": "system", "content": instructions}, {"role": "user", "content": text}])

    def complete(
        self, messages: Sequence[Mapping[str, str]], *, temperature: float = 0, further: Mapping[str, Any] = MappingProxyType({})
    ) -> Answer:
        """Return the next message of a conversation; `further` are more fields of the request. Raises the same errors."""
        fields = {"model": self._options.model, "messages": messages, "temperature": temperature, "stream": False, **further}
        body = json.dumps(fields).encode()
        for attempt in range(1, self._options.max_attempts + 1):
            time.sleep(max(0.0, self._not_before - time.monotonic()))
            try:
                return self._send(body)
            except errors.TransientError as error:
                if attempt == self._options.max_attempts:
                    raise
                pause_s = backoff_s(attempt, _FIRST_PAUSE_S, max_s=_MAX_PAUSE_S, jitter=0.2)
                if isinstance(error, errors.ProviderBusy) and error.retry_after_s is not None:
                    pause_s = min(float(error.retry_after_s), _MAX_PAUSE_S)
                    with self._lock:
                        self._not_before = max(self._not_before, time.monotonic() + pause_s)
                else:
                    time.sleep(pause_s)
        raise AssertionError("at least one attempt")

    def _send(self, body: bytes) -> Answer:
        with self._lock:
            self.requests += 1
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Accept-Encoding": "identity"}
        if self._options.api_key:
            headers["Authorization"] = f"Bearer {self._options.api_key}"
        response = http_client.post_for_answer(
            self._url, body, headers, max_bytes=_MAX_ANSWER_BYTES, timeout_s=self._options.timeout_s, allow_private=True
        )
        http_client.raise_for_status("The language model", response)
        return _parse(response.text)


def _parse(text: str) -> Answer:
    """Read an answer. Raises ProviderDown for one that has another shape: the next one may be well formed."""
    try:
        plain: dict[str, Any] = json.loads(text)
        choice = plain["choices"][0]
        content = choice["message"]["content"]
        if not isinstance(content, str):
            raise TypeError("no text")
        usage = plain.get("usage") or {}
        prompt_tokens, completion_tokens = (int(usage.get(f"{name}_tokens") or 0) for name in ("prompt", "completion"))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise errors.ProviderDown(f"The language model's answer is malformed ({type(error).__name__}).") from None
    return Answer(content, prompt_tokens, completion_tokens, choice.get("finish_reason") in (None, "stop"))
