"""Event streams (server-sent events): content negotiation, resumption and the streaming response."""

from __future__ import annotations

from flask import Response, request

import errors
from routes.caller import caller
from routes.container import container
from schemas.events import EventsQuery

STREAM = "text/event-stream"
STREAM_DOC = {429: "Too many streams of this user; see Retry-After", 503: "Too many listeners; see Retry-After"}


def wants_stream() -> bool:
    return request.accept_mimetypes.best_match(("application/json", STREAM)) == STREAM


def last_event_id(query: EventsQuery) -> int | None:
    """Return the last event that the client received: from the header that EventSource sends, or from the query."""
    header = request.headers.get("Last-Event-ID", "").strip()
    if not header:
        return query.last_event_id
    if not header.isascii() or not header.isdigit() or len(header) > 18:
        raise errors.ValidationFailed("Last-Event-ID: must be a number.")
    return int(header)


def event_stream(job_id: str | None, after: int | None) -> Response:
    """Stream events later than `after`: past ones first, then new ones. Raises TooManyListeners, TooManyOwnListeners."""
    hub = container().events
    listener = hub.listen(caller(), job_id, after)
    response = Response(hub.stream(listener), mimetype=STREAM)
    response.call_on_close(lambda: hub.close(listener))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would buffer it
    return response
