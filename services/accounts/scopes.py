"""The scopes of API keys. `:read` covers GET, `:write` every other method; each endpoint declares its scope (routes/endpoints.py)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import errors

USER_SCOPES = ("content:read", "content:write", "webhooks:read", "webhooks:write", "account:read", "admin:read", "admin:write")
ADMIN_SCOPES = tuple(scope for scope in USER_SCOPES if scope.startswith("admin:"))
SERVICE_SCOPES = ("videos", "worker", "callbacks")


class ScopeMissing(errors.Forbidden):
    """This key does not have the required scope."""

    code = "scope_missing"
    hint = "Create a key with this scope. Passwords, keys and sessions can be changed only after logging in."


def validate(scopes: Collection[str], known_scopes: Sequence[str]) -> list[str]:
    """Return the scopes without duplicates, in the order of `known_scopes`. Raises ValidationFailed."""
    unknown = sorted(set(scopes) - set(known_scopes))
    if unknown or not scopes:
        raise errors.ValidationFailed(f"scopes: {', '.join(unknown) or 'none'}; allowed are {', '.join(known_scopes)}")
    return [scope for scope in known_scopes if scope in scopes]
