"""Events of all of the caller's jobs."""

from __future__ import annotations

from typing import Any

from routes.caller import caller, login_required
from routes.endpoints import Blueprint
from routes.event_streams import STREAM_DOC, event_stream, last_event_id, wants_stream
from schemas.events import AllEventsQuery
from schemas.recordings import EventOut, EventsOut
from services.library import user_jobs

events = Blueprint("events", __name__, scope="content", tag="Jobs")


@events.get("")
@login_required
@events.input(AllEventsQuery, location="query")
@events.output(EventsOut)
@events.doc(responses=STREAM_DOC)
def list_all_events(query_data: AllEventsQuery) -> Any:
    """List the events of the caller's jobs; with `Accept: text/event-stream`, stream new ones, or those after Last-Event-ID."""
    after_event_id = last_event_id(query_data)
    if wants_stream():
        return event_stream(None, after_event_id)
    return EventsOut(
        events=[EventOut.of(event) for event in user_jobs.events_of_user(caller(), after_event_id=after_event_id, limit=query_data.limit)]
    )
