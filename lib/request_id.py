"""The id of the current request, as in its log lines."""

from __future__ import annotations

import structlog


def request_id() -> str:
    """Return the id, at most 64 characters; "" outside a request."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
