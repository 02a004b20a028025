"""The scopes of API keys. `:read` covers GET, `:write` every other method; each endpoint declares its scope (routes/endpoints.py)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import errors

USER_SCOPES = ("content:read", "content:write", "webhooks:read", "webhooks:write", "account:read", "admin:read", "admin:write")
SERVICE_SCOPES = ("videos", "worker", "callbacks")


class ScopeMissing(errors.Forbidden):
    """This key may not do that."""

    code = "scope_missing"
    hint = "Make a key with the scope that is named here; passwords, keys and log-ins are changed by logging in alone."


def validate(scopes: Collection[str], known: Sequence[str]) -> list[str]:
    """The scopes in the order of `known`, each once. Raises ValidationFailed."""
    unknown = sorted(set(scopes) - set(known))
    if unknown or not scopes:
        raise errors.ValidationFailed(f"scopes: {', '.join(unknown) or 'none'}; there are {', '.join(known)}")
    return [scope for scope in known if scope in scopes]
