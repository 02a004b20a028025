"""The client of a request, for sessions and for the limits on failed log-ins."""

from __future__ import annotations

from flask import request

from routes.container import container
from services.accounts import ClientInfo, ThrottleLimits


def client_info() -> ClientInfo:
    """Return the user agent and the address of the client."""
    return ClientInfo(request.headers.get("User-Agent", ""), request.remote_addr or "")


def throttle_limits() -> ThrottleLimits:
    """Return the limits on failed log-ins."""
    return container().account_policy().throttle
