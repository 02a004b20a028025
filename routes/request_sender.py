"""Identifies the sender of a request without verification, which must be cheap: it decides whose turn it is to use a thread."""

from __future__ import annotations

from typing import Any

from werkzeug.http import parse_cookie

from lib.hosts import client_network


def sender_of(environ: dict[str, Any], cookie_name: str) -> str:
    """Return the credentials of a request as they were sent, or the network of a client that sent none.

    Credentials that are not verified can't be used against their owner: only they know them.
    """
    authorization: str = environ.get("HTTP_AUTHORIZATION", "")
    token = authorization or _cookie(environ, cookie_name)
    if token:
        return f"credentials:{token}"
    try:
        return f"network:{client_network(environ.get('REMOTE_ADDR', ''))}"
    except ValueError:
        return "network:unknown"


def _cookie(environ: dict[str, Any], name: str) -> str:
    try:
        return parse_cookie(environ).get(name, "")
    except UnicodeDecodeError:  # the request is refused later
        return ""
