"""Reads the table of events on and on, in the order of their ids, without losing one that is committed late.

PostgreSQL numbers rows when they are written and shows them when they are committed: id 8 may show up after id 9. So where an id
is missing, what follows it is held back for a while; after that it goes out, and the missing one, should it come, goes out late.
Ids that were rolled back are missing for good. SQLite has one writer at a time: there, ids come in order.
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
_LATE_S = 60.0  # longer than any transaction of ours lasts
_SETTLED = dt.timedelta(seconds=10)  # older events have no late predecessors any more
_AT_ONCE = 2000
_MOST_MISSING = 1000


class EventReader:
    """`position`: everything up to this id has been handed out."""

    def __init__(self, *, ids_in_order: bool) -> None:
        self._ids_in_order = ids_in_order
        self._missing: dict[int, float] = {}
        self._held: dict[int, Row[Any]] = {}
        settled = select(JobEvent.id).where(JobEvent.created_at <= now() - _SETTLED).order_by(JobEvent.id.desc()).limit(1)
        self.position = self._highest = session().execute(settled).scalar_one_or_none() or 0

    def read(self) -> list[Frame]:
        """What is new since the last time."""
        for row in session().execute(events().where(JobEvent.id > self._highest).order_by(JobEvent.id).limit(_AT_ONCE)):
            if not self._ids_in_order:
                self._missing |= dict.fromkeys(range(max(self._highest + 1, row.id - _MOST_MISSING), row.id), time.monotonic())
            self._held[row.id], self._highest = row, row.id
        if self._missing:
            for row in session().execute(events().where(JobEvent.id.in_(self._missing))):
                self._held[row.id] = row
                del self._missing[row.id]
        return self._release(time.monotonic())

    def _release(self, at: float) -> list[Frame]:
        self._missing = {event_id: since for event_id, since in self._missing.items() if at - since < _LATE_S}
        awaited = min((event_id for event_id, since in self._missing.items() if at - since < _HOLD_S), default=self._highest + 1)
        before = self.position
        self.position = max(before, awaited - 1)
        ready = sorted(event_id for event_id in self._held if event_id < awaited)
        return [event_frame(self._held.pop(event_id), late=event_id <= before) for event_id in ready]
