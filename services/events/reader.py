"""Reads the table of events in the order of ids, without losing events that are committed late.

PostgreSQL assigns ids at insertion and shows rows at commit: id 8 may appear after id 9. While an id is missing, later events are held
back for a few seconds; after that they are delivered, and the missing one is delivered late if it appears. Ids of rolled back rows never
appear. SQLite has one writer at a time, so its ids appear in order.
"""

from __future__ import annotations

import datetime as dt
import time
from typing import Any

from sqlalchemy import Row, select

from database import session
from lib.clock import now
from models import JobEvent
from services.events.frames import Frame, event_frame, events

_HOLD_S = 5.0
_LATE_S = 60.0  # longer than any transaction lasts
_MAX_COMMIT_DELAY = dt.timedelta(seconds=10)  # older events have no late predecessors
_BATCH_SIZE = 2000
_MAX_MISSING = 1000


class EventReader:
    """`position`: all events up to this id have been delivered."""

    def __init__(self, *, ids_in_order: bool) -> None:
        self._ids_in_order = ids_in_order
        self._missing: dict[int, float] = {}
        self._held_rows: dict[int, Row[Any]] = {}
        query = select(JobEvent.id).where(JobEvent.created_at <= now() - _MAX_COMMIT_DELAY).order_by(JobEvent.id.desc()).limit(1)
        self.position = self._highest = session().execute(query).scalar_one_or_none() or 0

    def read(self) -> list[Frame]:
        """Return the frames of the events since the last call."""
        for row in session().execute(events().where(JobEvent.id > self._highest).order_by(JobEvent.id).limit(_BATCH_SIZE)):
            if not self._ids_in_order:
                self._missing |= dict.fromkeys(range(max(self._highest + 1, row.id - _MAX_MISSING), row.id), time.monotonic())
            self._held_rows[row.id], self._highest = row, row.id
        if self._missing:
            for row in session().execute(events().where(JobEvent.id.in_(self._missing))):
                self._held_rows[row.id] = row
                del self._missing[row.id]
        return self._release(time.monotonic())

    def _release(self, at: float) -> list[Frame]:
        self._missing = {event_id: since for event_id, since in self._missing.items() if at - since < _LATE_S}
        first_missing = min((event_id for event_id, since in self._missing.items() if at - since < _HOLD_S), default=self._highest + 1)
        before = self.position
        self.position = max(before, first_missing - 1)
        ready = sorted(event_id for event_id in self._held_rows if event_id < first_missing)
        return [event_frame(self._held_rows.pop(event_id), is_late=event_id <= before) for event_id in ready]
