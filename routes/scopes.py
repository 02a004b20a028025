"""Which scope a key needs for which address: reading or writing one group of addresses."""

from __future__ import annotations

from flask import request

SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_REST = "content"
_GROUPS = {
    "/api/v1/webhooks": "webhooks",
    "/admin": "admin",
    "/api/v1/admin": "admin",
    "/worker-health": "admin",
    "/metrics": "admin",
    "/auth": "account",
    "/api/v1/auth": "account",
    "/api/v1/users": "account",
    "/api/v1/api-keys": "account",
}


def needed_scope() -> str:
    """Of this request. `account:write` is given to no key: whoever changes an account logs in."""
    here = request.path
    group = next((group for prefix, group in _GROUPS.items() if here == prefix or here.startswith(f"{prefix}/")), _REST)
    return f"{group}:{'read' if request.method in SAFE_METHODS else 'write'}"
