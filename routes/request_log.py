"""One log line per request, and the request id that ties log, response and error report together."""

from __future__ import annotations

import logging
import time
import uuid

import structlog
from flask import Flask, Response, current_app, g, request

from routes.endpoints import is_quiet

log = structlog.get_logger("lectern.http")


def init_request_log(app: Flask) -> None:
    """Register before every other hook, so that the duration covers them."""
    app.before_request(_begin)
    app.after_request(_end)


def route_of_request() -> str:
    """Return the rule that the URL matched, such as `/status/<video_id>`: it holds no id and no token."""
    return request.url_rule.rule if request.url_rule else "(none)"


def _begin() -> None:
    g.started_at = time.perf_counter()
    given_id = request.headers.get("X-Request-ID", "")[:64]
    g.request_id = given_id if given_id.isascii() and given_id.isprintable() and given_id.strip() else uuid.uuid4().hex
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=g.request_id)


def _end(response: Response) -> Response:
    """Log method, route, status, duration until the response starts (ms) and user; the request id is bound above."""
    response.headers["X-Request-ID"] = g.get("request_id", "")
    # Probes and assets are logged at DEBUG: they come every few seconds or by the dozen, and would hide all other requests.
    level = logging.DEBUG if request.endpoint and is_quiet(current_app.view_functions[request.endpoint]) else logging.INFO
    log.log(
        level,
        "request",
        method=request.method,
        route=route_of_request(),
        status=response.status_code,
        duration_ms=round((time.perf_counter() - g.started_at) * 1000, 1) if "started_at" in g else None,
        user_id=g.caller.user_id if "caller" in g else None,
    )
    return response
