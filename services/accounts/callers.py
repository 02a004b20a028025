"""Who asks: what every use case is told of the caller."""

from __future__ import annotations

from dataclasses import dataclass

ADMIN_ROLES = ("admin", "super_admin")
ROLES = ("user", *ADMIN_ROLES)


@dataclass(frozen=True)
class Caller:
    """Who asks, resolved once per request.

    `session_id`: what lets them in: a log-in's id, `key:` and an API key's, or `user:` and the account's where a token stands alone.
    `scopes`: what an API key may do; None where everything that the user may do is open.
    """

    user_id: str
    email: str
    role: str
    session_id: str
    scopes: frozenset[str] | None = None

    @property
    def is_admin(self) -> bool:
        return self.role in ADMIN_ROLES

    @property
    def is_super_admin(self) -> bool:
        return self.role == "super_admin"


@dataclass(frozen=True)
class ServiceCaller:
    """A program of the operator's: it has no account, and only internal addresses know it."""

    name: str
    scopes: frozenset[str]
