"""The caller of a use case."""

from __future__ import annotations

from dataclasses import dataclass

ADMIN_ROLES = ("moderator", "admin", "super_admin")  # a moderator has the rights of an admin
ROLES = ("user", *ADMIN_ROLES)


@dataclass(frozen=True)
class Caller:
    """The authenticated user of a request.

    `session_id`: the id of a login session, `key:` and the id of an API key, or `user:` and the user id for tokens without a session.
    `scopes`: the scopes of an API key; None allows everything that the user may do.
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
    def may_write_content(self) -> bool:
        return self.scopes is None or "content:write" in self.scopes

    @property
    def is_super_admin(self) -> bool:
        return self.role == "super_admin"


@dataclass(frozen=True)
class ServiceCaller:
    """A service of the operator: it has no account and may call internal paths only."""

    name: str
    scopes: frozenset[str]
