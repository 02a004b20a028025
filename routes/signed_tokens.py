"""Signed tokens in addresses that open without a header; they expire, and they end with what they were made from.

That is the login session or the API key of the caller, and all sessions of the user (log-out everywhere, password change, suspension).
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
    """Signs and verifies the tokens of one purpose. `expired` and `hint` are the error of a token that no longer opens anything."""

    purpose: str
    expired_message: str
    hint: str = ""

    def sign(self, subject: str, maker: Caller | None = None) -> str:
        """Return a token for the subject, the id of what it opens. Without a maker it opens for everybody who has it."""
        token = self._serializer().dumps([subject, *_credentials(maker)])
        return token if isinstance(token, str) else token.decode()

    def sign_for_all(self, subject: str) -> tuple[str, int]:
        """Return a token that opens for everybody who has it, and the seconds for which it does so.

        It is the same one for half of the lifetime of signed addresses, so that a cache can share what it leads to among viewers.
        """
        lifetime_s = container().settings.signed_url_s
        slot_s = max(1, lifetime_s // 2)
        token = self._serializer(slot_s).dumps([subject, *_credentials(None)])
        return token if isinstance(token, str) else token.decode(), lifetime_s - int(time.time()) % slot_s

    def verify(self, token: str) -> SignedToken:
        """Return the content of a token. Raises NotFound if it is forged or has expired, or if the credentials of its maker have ended."""
        try:
            subject, user_id, generation, session_id = self._serializer().loads(token, max_age=container().settings.signed_url_s)
        except (BadSignature, ValueError):
            raise self.error() from None
        if user_id and (accounts.token_generation(user_id) != generation or not accounts.filter_live({session_id})):
            raise self.error()
        g.resource_policy = "cross-origin"  # pages of other origins may show what they have a signed address of
        return SignedToken(str(subject), str(user_id), str(session_id))

    def error(self) -> errors.NotFound:
        """Return the error of a token that no longer opens anything."""
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


def _credentials(maker: Caller | None) -> tuple[str, str, str]:
    """Return the user, the user's value of `accounts.token_generation` (read once per request), and the session or key."""
    if maker is None:
        return "", "", ""
    generations: dict[str, str] = g.setdefault("token_generations", {})
    if maker.user_id not in generations:
        generations[maker.user_id] = accounts.token_generation(maker.user_id) or ""
    return maker.user_id, generations[maker.user_id], maker.session_id
