"""A client of OpenAI-compatible chat endpoints (https://platform.openai.com/docs/api-reference/chat/create)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import errors
from lib.provider_api import ProviderApi
from services.language_model.port import ChatOptions

_MAX_RESPONSE_BYTES = 2 * 2**20


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
        self._model = options.model
        self._api = ProviderApi(
            "The language model", options.base_url, options.api_key, timeout_s=options.timeout_s, max_attempts=options.max_attempts
        )

    @property
    def requests(self) -> int:
        """The number of requests that were sent."""
        return self._api.requests

    def ask(self, instructions: str, text: str) -> Answer:
        """Return the answer to a text. Raises ProviderRefused, and TransientError when the last attempt fails."""
        return self.complete([{"role": "system", "content": instructions}, {"role": "user", "content": text}])

    def complete(
        self, messages: Sequence[Mapping[str, str]], *, temperature: float = 0, extra_fields: Mapping[str, Any] = MappingProxyType({})
    ) -> Answer:
        """Return the next message of a conversation; `extra_fields` are added to the request. Raises the same errors as `ask`."""
        fields = {"model": self._model, "messages": messages, "temperature": temperature, "stream": False, **extra_fields}
        return self._api.post("/chat/completions", json.dumps(fields).encode(), _parse, max_bytes=_MAX_RESPONSE_BYTES)


def _parse(body: bytes) -> Answer:
    """Read an answer. Raises ProviderDown for one that has another shape: the next one may be well formed."""
    try:
        plain: dict[str, Any] = json.loads(body)
        choice = plain["choices"][0]
        content = choice["message"]["content"]
        if not isinstance(content, str):
            raise TypeError("no text")
        usage = plain.get("usage") or {}
        prompt_tokens, completion_tokens = (int(usage.get(f"{name}_tokens") or 0) for name in ("prompt", "completion"))
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise errors.ProviderDown(f"The language model's answer is malformed ({type(error).__name__}).") from None
    return Answer(content, prompt_tokens, completion_tokens, choice.get("finish_reason") in (None, "stop"))
