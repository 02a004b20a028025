"""The id of the request that is being answered, as its log lines carry it."""

from __future__ import annotations

import structlog


def request_id() -> str:
    """At most 64 characters; "" where no request is being answered."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
