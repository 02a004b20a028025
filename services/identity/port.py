"""What an outside issuer says of somebody, and what goes wrong with it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import errors


@dataclass(frozen=True)
class FederatedUser:
    """Somebody as an issuer vouches for them. `email` may be empty; it counts only where it is `email_verified`."""

    issuer: str
    subject: str
    provider: str
    email: str
    email_verified: bool
    name: str
    picture: str
    issued_at: dt.datetime


class TokenRefused(errors.Unauthenticated):
    """This token is not valid here."""

    code = "token_refused"
    hint = "Sign in again at your provider and send the ID token that it gives."


class IssuerUnavailable(errors.TransientError):
    """The provider that signs these tokens did not answer."""

    code = "issuer_unavailable"
    hint = "Try again in a while; whoever is logged in already stays so."


class IssuerBusy(errors.LecternError):
    """The user pool takes no more attempts for this account for now."""

    code = "issuer_busy"
    status = 429
    retry_after_s = 300
    hint = "Wait as long as Retry-After says, then try again."
