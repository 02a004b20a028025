"""Queries of event lists and streams."""

from __future__ import annotations

from pydantic import BaseModel, Field

_MAX_ID = 2**63 - 1


class EventsQuery(BaseModel):
    last_event_id: int | None = Field(None, ge=0, le=_MAX_ID, description="Only later events; the header `Last-Event-ID` means the same.")


class AllEventsQuery(EventsQuery):
    limit: int = Field(200, ge=1, le=1000, description="Number of events, if no stream is requested.")
