"""Lifetime counters; they outlive the rows they count. Each is written in the transaction of the change that it counts.

They count stage durations and failures of the jobs of all machines, and deleted rows by day.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from database import insert_into
from lib.metrics import Counter, Histogram
from models import JobCounter

STAGE_BUCKETS_S = (0.1, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 10800)
_STAGE, _FAILURE, _DELETION = "stage", "failure", "gone"  # values of JobCounter.kind
_SUM, _MAX_STAGES = "sum", 100
_BOUNDS = [*(str(bound) for bound in STAGE_BUCKETS_S), "+Inf"]


def add_stages(session: Session, metrics: Mapping[str, Any]) -> None:
    """Count the stage durations of a finished job from its `metrics`, resumed stages left out."""
    stages = metrics.get("stages")
    rows: dict[tuple[str, str, str], float] = defaultdict(float)
    for name, measure in list(stages.items())[:_MAX_STAGES] if isinstance(stages, Mapping) else ():
        wall_s = measure.get("wall_s") if isinstance(measure, Mapping) and not measure.get("resumed") else None
        if isinstance(wall_s, int | float) and math.isfinite(wall_s) and wall_s >= 0:  # remote workers may send anything
            rows[_STAGE, str(name)[:60], _BOUNDS[bisect_left(STAGE_BUCKETS_S, wall_s)]] += 1
            rows[_STAGE, str(name)[:60], _SUM] += wall_s
    _add(session, rows)


def add_failures(session: Session, code: str, count: int = 1) -> None:
    """Count failed attempts by error code."""
    if count:
        _add(session, {(_FAILURE, code[:60], ""): count})


def add_deleted_counts(session: Session, counts: Mapping[tuple[str, str], int]) -> None:
    """Add the counts, by (day, kind), of rows that are about to be deleted."""
    _add(session, {(_DELETION, day, kind): number for (day, kind), number in counts.items() if number})


def deleted_counts_since(session: Session, day: str) -> dict[tuple[str, str], int]:
    """Return the counts of deleted rows by (day, kind), from `day` (ISO 8601) on."""
    counters = select(JobCounter.label, JobCounter.part, JobCounter.value).where(JobCounter.kind == _DELETION, JobCounter.label >= day)
    return {(row.label, row.part): int(row.value) for row in session.execute(counters)}


def totals(session: Session) -> list[Counter | Histogram]:
    """Return the counters of all machines as metrics."""
    totals_by_kind: dict[str, dict[str, dict[str, float]]] = {_STAGE: defaultdict(dict), _FAILURE: defaultdict(dict)}
    counters = select(JobCounter.kind, JobCounter.label, JobCounter.part, JobCounter.value).where(JobCounter.kind.in_(totals_by_kind))
    for row in session.execute(counters):
        totals_by_kind[row.kind][row.label][row.part] = row.value
    failures = {code: parts[""] for code, parts in totals_by_kind[_FAILURE].items()}
    stages = {name: (_buckets(parts), parts.get(_SUM, 0.0)) for name, parts in totals_by_kind[_STAGE].items()}
    return [
        Counter("lectern_job_failures", "Attempts at jobs that failed, by error code.", failures, by="code"),
        Histogram("lectern_stage_seconds", "Stages of finished jobs, resumed ones left out.", stages, by="stage"),
    ]


def _buckets(parts: Mapping[str, float]) -> list[tuple[str, float]]:
    return [(bound, parts.get(bound, 0.0)) for bound in _BOUNDS]


def _add(session: Session, rows: Mapping[tuple[str, str, str], float]) -> None:
    """Add to the counters, always in the same order: two jobs that end at once do not deadlock."""
    if rows:
        values = [{"kind": kind, "label": label, "part": part, "value": rows[kind, label, part]} for kind, label, part in sorted(rows)]
        new_rows = insert_into(JobCounter, session)
        sums = {"value": JobCounter.value + new_rows.excluded.value}
        session.execute(new_rows.on_conflict_do_update(index_elements=["kind", "label", "part"], set_=sums), values)
