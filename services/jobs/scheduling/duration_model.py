"""How long work takes here: a line through (media seconds, wall seconds) for each stage, learnt from finished runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy.orm import Session

from models import StageDuration

WHOLE = ""
_KEPT = 0.97  # of the weight of earlier runs at each further one
_LEAST_SPREAD = 0.05  # below this relative spread of lengths there is no telling what every run costs from what a second costs


@dataclass(frozen=True)
class DurationModel:
    """Weighted sums over runs: their number, x (media seconds), y (wall seconds), x * x and x * y."""

    runs: float
    media_s: float
    wall_s: float
    media_squared: float
    media_wall: float

    def predict(self, media_s: float) -> float:
        """Wall seconds that a recording of this length is expected to take: least squares, neither part of the line negative."""
        spread = self.runs * self.media_squared - self.media_s**2
        if self.media_s <= 0:
            return self.wall_s / self.runs
        if spread <= (_LEAST_SPREAD * self.media_s) ** 2:
            return max(0.0, self.wall_s / self.media_s * media_s)
        slope = (self.runs * self.media_wall - self.media_s * self.wall_s) / spread
        if slope < 0:
            return self.wall_s / self.runs
        start = (self.wall_s - slope * self.media_s) / self.runs
        if start < 0:
            return self.media_wall / self.media_squared * media_s
        return start + slope * media_s


def load(reading: Session, pipeline: str) -> dict[str, DurationModel]:
    """By stage, as far as any has been measured."""
    found = reading.execute(select(*StageDuration.__table__.columns).where(StageDuration.pipeline == pipeline))
    return {
        row.stage: DurationModel(row.run_weight, row.sum_media_s, row.sum_wall_s, row.sum_media_squared, row.sum_media_times_wall)
        for row in found
    }


def expected_s(reading: Session, pipeline: str, media_s: float) -> float | None:
    """Wall seconds of a whole run from its beginning, or None where none has been measured."""
    speed = load(reading, pipeline).get(WHOLE)
    return round(speed.predict(media_s), 1) if speed else None


def record(writing: Session, pipeline: str, media_s: float, walls: Mapping[str, float]) -> None:
    """Take in one run: wall seconds by stage, under `WHOLE` those of a run that began at its beginning."""
    for stage in sorted(walls):  # always in one order: two runs that end at once don't wait for each other
        wall_s = walls[stage]
        mine = (StageDuration.pipeline == pipeline, StageDuration.stage == stage)
        more = {
            "run_weight": StageDuration.run_weight * _KEPT + 1,
            "sum_media_s": StageDuration.sum_media_s * _KEPT + media_s,
            "sum_wall_s": StageDuration.sum_wall_s * _KEPT + wall_s,
            "sum_media_squared": StageDuration.sum_media_squared * _KEPT + media_s**2,
            "sum_media_times_wall": StageDuration.sum_media_times_wall * _KEPT + media_s * wall_s,
        }
        changed = writing.execute(update(StageDuration).where(*mine).values(**more).execution_options(synchronize_session=False))
        if cast("CursorResult[Any]", changed).rowcount == 0:
            first = {
                "run_weight": 1.0,
                "sum_media_s": media_s,
                "sum_wall_s": wall_s,
                "sum_media_squared": media_s**2,
                "sum_media_times_wall": media_s * wall_s,
            }
            writing.execute(insert(StageDuration).values(pipeline=pipeline, stage=stage, **first))
