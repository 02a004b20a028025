"""Event streams (server-sent events): who asks for one, where it goes on, and the answer that carries it."""

from __future__ import annotations

from flask import Response, request

import errors
from routes.caller import caller
from routes.container import container
from schemas.events import EventsQuery

STREAM = "text/event-stream"
STREAM_DOC = {503: "Too many are listening; see Retry-After"}


def wants_stream() -> bool:
    return request.accept_mimetypes.best_match(("application/json", STREAM)) == STREAM


def last_event_id(query: EventsQuery) -> int | None:
    """Where a client left off: the header that an EventSource sends by itself, else the query."""
    given = request.headers.get("Last-Event-ID", "").strip()
    if not given:
        return query.last_event_id
    if not given.isascii() or not given.isdigit() or len(given) > 18:
        raise errors.ValidationFailed("Last-Event-ID: an event's id is a number.")
    return int(given)


def event_stream(job_id: str | None, after: int | None) -> Response:
    """What happened after `after`, then what happens. Raises TooManyListeners."""
    hub = container().events
    listener = hub.listen(caller(), job_id, after)
    response = Response(hub.stream(listener), mimetype=STREAM)
    response.call_on_close(lambda: hub.close(listener))
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Accel-Buffering"] = "no"  # nginx would collect it
    return response
