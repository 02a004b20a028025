"""Signed tokens in URLs that work without a header. They expire, and become invalid with the credentials that requested them.

These are the login session or API key of the caller, and all sessions of the user (log-out everywhere, password change, suspension).
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

from flask import current_app, g
from itsdangerous import BadSignature, TimestampSigner, URLSafeTimedSerializer

import errors
from routes.container import container
from services import accounts
from services.accounts import Caller


@dataclass(frozen=True)
class SignedToken:
    """The thing that a token opens, and its user; `user_id` and `session_id` (of `Caller`) are empty if everybody may use it."""

    subject: str
    user_id: str
    session_id: str


@dataclass(frozen=True)
class TokenSigner:
    """Signs and verifies the tokens of one purpose. `expired_message` and `hint` are the error of an invalid token."""

    purpose: str
    expired_message: str
    hint: str = ""

    def sign(self, subject: str, requester: Caller | None = None) -> str:
        """Return a token for the subject, which is an id. Without a requester, everybody who has the token may use it."""
        token = self._serializer().dumps([subject, *_credentials(requester)])
        return token if isinstance(token, str) else token.decode()

    def sign_for_all(self, subject: str) -> tuple[str, int]:
        """Return a token that everybody who has it may use, and the seconds for which it is valid.

        It is the same one for half of the lifetime of signed URLs, so that caches can share the responses among viewers.
        """
        lifetime_s = container().settings.signed_url_s
        slot_s = max(1, lifetime_s // 2)
        token = self._serializer(slot_s).dumps([subject, *_credentials(None)])
        return token if isinstance(token, str) else token.decode(), lifetime_s - int(time.time()) % slot_s

    def verify(self, token: str) -> SignedToken:
        """Return the content of a token. Raises NotFound if it is forged or expired, or if the requester's credentials are invalid."""
        try:
            subject, user_id, generation, session_id = self._serializer().loads(token, max_age=container().settings.signed_url_s)
        except (BadSignature, ValueError):
            raise self.error() from None
        if user_id and (accounts.token_generation(user_id) != generation or not accounts.filter_live({session_id})):
            raise self.error()
        g.resource_policy = "cross-origin"  # pages of other origins may show what they have a signed URL of
        return SignedToken(str(subject), str(user_id), str(session_id))

    def error(self) -> errors.NotFound:
        """Return the error of an invalid token."""
        return errors.NotFound(self.expired_message, hint=self.hint)

    def _serializer(self, slot_s: int = 1) -> URLSafeTimedSerializer:
        salt = f"lectern-{self.purpose}"
        return URLSafeTimedSerializer(current_app.config["JWT_SECRET_KEY"], salt=salt, signer=_SlotSigner, signer_kwargs={"slot_s": slot_s})


class _SlotSigner(TimestampSigner):
    """Signs with the time at which the slot of this many seconds began."""

    def __init__(self, *arguments: Any, slot_s: int = 1, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._slot_s = slot_s

    def get_timestamp(self) -> int:
        now = super().get_timestamp()
        return now - now % self._slot_s


def _credentials(requester: Caller | None) -> tuple[str, str, str]:
    """Return the user, the user's value of `accounts.token_generation` (read once per request), and the session or key."""
    if requester is None:
        return "", "", ""
    generations: dict[str, str] = g.setdefault("token_generations", {})
    if requester.user_id not in generations:
        generations[requester.user_id] = accounts.token_generation(requester.user_id) or ""
    return requester.user_id, generations[requester.user_id], requester.session_id
