"""Predicts durations: a regression line through (media seconds, wall seconds) for each stage, fitted to finished runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

from sqlalchemy import CursorResult, insert, select, update
from sqlalchemy.orm import Session

from models import StageDuration

TOTAL = ""
_DECAY = 0.97  # factor on the weight of earlier runs with each new one
_MIN_SPREAD = 0.05  # below this relative spread of lengths, fixed and proportional costs cannot be told apart


@dataclass(frozen=True)
class DurationModel:
    """Weighted sums over runs: their number, x (media seconds), y (wall seconds), x * x and x * y."""

    runs: float
    media_s: float
    wall_s: float
    media_squared: float
    media_wall: float

    def predict(self, media_s: float) -> float:
        """Return the expected wall seconds for media of this length: least squares, with neither coefficient negative."""
        spread = self.runs * self.media_squared - self.media_s**2
        if self.media_s <= 0:
            return self.wall_s / self.runs
        if spread <= (_MIN_SPREAD * self.media_s) ** 2:
            return max(0.0, self.wall_s / self.media_s * media_s)
        slope = (self.runs * self.media_wall - self.media_s * self.wall_s) / spread
        if slope < 0:
            return self.wall_s / self.runs
        start = (self.wall_s - slope * self.media_s) / self.runs
        if start < 0:
            return self.media_wall / self.media_squared * media_s
        return start + slope * media_s


def load(session: Session, pipeline: str) -> dict[str, DurationModel]:
    """Return the models of the stages that have been measured."""
    found = session.execute(select(*StageDuration.__table__.columns).where(StageDuration.pipeline == pipeline))
    return {
        row.stage: DurationModel(row.run_weight, row.sum_media_s, row.sum_wall_s, row.sum_media_squared, row.sum_media_times_wall)
        for row in found
    }


def expected_s(session: Session, pipeline: str, media_s: float) -> float | None:
    """Return the expected wall seconds of a whole job; None where none has been measured."""
    model = load(session, pipeline).get(TOTAL)
    return round(model.predict(media_s), 1) if model else None


def record(session: Session, pipeline: str, media_s: float, wall_seconds: Mapping[str, float]) -> None:
    """Add a run: wall seconds by stage; under `TOTAL` those of the whole run, if it resumed no stage."""
    for stage in sorted(wall_seconds):  # always in the same order: two runs that end at once do not deadlock
        wall_s = wall_seconds[stage]
        condition = (StageDuration.pipeline == pipeline, StageDuration.stage == stage)
        update_values = {
            "run_weight": StageDuration.run_weight * _DECAY + 1,
            "sum_media_s": StageDuration.sum_media_s * _DECAY + media_s,
            "sum_wall_s": StageDuration.sum_wall_s * _DECAY + wall_s,
            "sum_media_squared": StageDuration.sum_media_squared * _DECAY + media_s**2,
            "sum_media_times_wall": StageDuration.sum_media_times_wall * _DECAY + media_s * wall_s,
        }
        changed = session.execute(
            update(StageDuration).where(*condition).values(**update_values).execution_options(synchronize_session=False)
        )
        if cast("CursorResult[Any]", changed).rowcount == 0:
            first = {
                "run_weight": 1.0,
                "sum_media_s": media_s,
                "sum_wall_s": wall_s,
                "sum_media_squared": media_s**2,
                "sum_media_times_wall": media_s * wall_s,
            }
            session.execute(insert(StageDuration).values(pipeline=pipeline, stage=stage, **first))
