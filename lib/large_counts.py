"""Row counts of long lists. Counting tens of thousands of rows takes longer than reading a page of them."""

from __future__ import annotations

import threading
import time
import weakref
from collections.abc import Hashable
from typing import Any

from sqlalchemy import Engine, Select, func, literal_column, select

from database import session
from lib.paging import count_exactly

EXACT_ROWS = 1_000
LIFETIME_S = 30.0
_RECOUNT_S = 5.0  # for which others get the old count while one thread counts again
_MAX_ENTRIES = 1_000


class LargeCounts:
    """Counts up to EXACT_ROWS are exact; larger ones are those of the last LIFETIME_S seconds."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._by_engine: weakref.WeakKeyDictionary[Engine, dict[Hashable, tuple[int, float]]] = weakref.WeakKeyDictionary()

    def count(self, query: Select[Any], key: Hashable) -> int:
        """Count the rows of a query. `key`: equal for queries with the same rows."""
        engine = session().get_bind().engine
        cached_count = self._get_cached(engine, key)
        if cached_count is not None:
            return cached_count
        first_rows: Select[Any] = (
            query.with_only_columns(literal_column("1"), maintain_column_froms=True).order_by(None).limit(EXACT_ROWS + 1)
        )
        count = int(session().execute(select(func.count()).select_from(first_rows.subquery())).scalar_one())
        if count > EXACT_ROWS:
            count = count_exactly(query)
            self._store(engine, key, count)
        return count

    def _get_cached(self, engine: Engine, key: Hashable) -> int | None:
        now_s = time.monotonic()
        with self._lock:
            counts = self._by_engine.setdefault(engine, {})
            count, valid_until = counts.get(key, (0, 0.0))
            if key not in counts:
                return None
            if now_s < valid_until:
                return count
            counts[key] = count, now_s + _RECOUNT_S
            return None

    def _store(self, engine: Engine, key: Hashable, count: int) -> None:
        with self._lock:
            counts = self._by_engine.setdefault(engine, {})
            if len(counts) >= _MAX_ENTRIES:
                counts.clear()
            counts[key] = count, time.monotonic() + LIFETIME_S
