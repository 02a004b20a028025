"""What may be asked of events."""

from __future__ import annotations

from pydantic import BaseModel, Field

_LARGEST = 2**63 - 1


class EventsQuery(BaseModel):
    last_event_id: int | None = Field(None, ge=0, le=_LARGEST, description="Only later events; the header `Last-Event-ID` says the same.")


class AllEventsQuery(EventsQuery):
    limit: int = Field(200, ge=1, le=1000, description="How many events, where no stream is asked for.")
