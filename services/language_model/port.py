"""The endpoint of a language model, and the error where there is none."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import errors


class LanguageModelMissing(errors.LecternError):
    """No language model is configured."""

    code = "language_model_missing"
    status = 503
    hint = (
        "The operator sets LANGUAGE_MODEL_BASE_URL, LANGUAGE_MODEL and LANGUAGE_MODEL_API_KEY, or a key of a provider. Proofreading by "
        "`rules` and drafts of scripts need none of them."
    )


@dataclass(frozen=True)
class ChatOptions:
    """An OpenAI-compatible API: `base_url` is without `/chat/completions`; "" if there is none."""

    base_url: str = ""
    api_key: str = field(default="", repr=False)
    model: str = ""
    timeout_s: float = 120.0
    max_attempts: int = 4

    @property
    def fingerprint(self) -> str:
        """The settings that change the answers; without the key."""
        return hashlib.sha256(f"{self.base_url}\n{self.model}".encode()).hexdigest()
