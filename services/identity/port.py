"""The identity of a federated user, and the errors of identity providers."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import errors


@dataclass(frozen=True)
class FederatedUser:
    """The identity of a user at an issuer. `email` may be empty; trust it only if `email_verified`."""

    issuer: str
    subject: str
    provider: str
    email: str
    email_verified: bool
    name: str
    picture: str
    issued_at: dt.datetime


class TokenRefused(errors.Unauthenticated):
    """This token is not valid."""

    code = "token_refused"
    hint = "Sign in again at your identity provider and send the new ID token."


class IssuerUnavailable(errors.TransientError):
    """The identity provider did not answer."""

    code = "issuer_unavailable"
    hint = "Try again later. Existing sessions stay valid."


class IssuerBusy(errors.LecternError):
    """The user pool has blocked further attempts for this account for a while."""

    code = "issuer_busy"
    status = 429
    retry_after_s = 300
    hint = "Wait for the time in `Retry-After`, then try again."
