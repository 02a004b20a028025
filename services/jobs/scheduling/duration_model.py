"""Predicts durations: a regression line through (media seconds, wall seconds) for each stage, fitted to finished runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from database import changed_rows
from models import StageDuration

TOTAL = ""  # the stage name under which the duration of the whole run is stored
_DECAY = 0.97  # factor on the weight of earlier runs with each new one
_MIN_SPREAD = 0.05  # If media_s varies less (standard deviation divided by mean), fixed and proportional costs cannot be separated.


@dataclass(frozen=True)
class DurationModel:
    """Weighted sums over the runs of a stage, named like the columns of the table."""

    run_weight: float
    sum_media_s: float
    sum_wall_s: float
    sum_media_squared: float
    sum_media_times_wall: float

    def predict(self, media_s: float) -> float:
        """Return the expected wall seconds for media of this length, by least squares with no negative coefficient."""
        mean_wall_s = self.sum_wall_s / self.run_weight
        if self.sum_media_s <= 0:
            return mean_wall_s
        scaled_variance = self.run_weight * self.sum_media_squared - self.sum_media_s**2  # run_weight**2 * variance of media_s
        if scaled_variance <= (_MIN_SPREAD * self.sum_media_s) ** 2:
            return max(0.0, self.sum_wall_s / self.sum_media_s * media_s)
        slope = (self.run_weight * self.sum_media_times_wall - self.sum_media_s * self.sum_wall_s) / scaled_variance
        if slope < 0:
            return mean_wall_s
        intercept = (self.sum_wall_s - slope * self.sum_media_s) / self.run_weight
        if intercept < 0:
            return self.sum_media_times_wall / self.sum_media_squared * media_s
        return intercept + slope * media_s


def load(session: Session, pipeline: str) -> dict[str, DurationModel]:
    """Return the models of a pipeline by stage name. A stage without a finished run has none."""
    rows = session.execute(select(*StageDuration.__table__.columns).where(StageDuration.pipeline == pipeline))
    return {
        row.stage: DurationModel(row.run_weight, row.sum_media_s, row.sum_wall_s, row.sum_media_squared, row.sum_media_times_wall)
        for row in rows
    }


def expected_s(session: Session, pipeline: str, media_s: float) -> float | None:
    """Return the expected wall seconds of a whole job, or None if no whole run of the pipeline was recorded."""
    model = load(session, pipeline).get(TOTAL)
    return round(model.predict(media_s), 1) if model else None


def record(session: Session, pipeline: str, media_s: float, wall_seconds: Mapping[str, float]) -> None:
    """Add the wall seconds of a run to the models of its stages.

    `wall_seconds` maps stage names to durations; it contains `TOTAL` only if the run resumed no stage.
    """
    for stage in sorted(wall_seconds):  # always in the same order: two runs that end at once do not deadlock
        run = DurationModel(1.0, media_s, wall_seconds[stage], media_s**2, media_s * wall_seconds[stage])
        result = session.execute(
            update(StageDuration)
            .where(StageDuration.pipeline == pipeline, StageDuration.stage == stage)
            .values({name: getattr(StageDuration, name) * _DECAY + value for name, value in asdict(run).items()})
            .execution_options(synchronize_session=False)
        )
        if changed_rows(result) == 0:
            session.execute(insert(StageDuration).values(pipeline=pipeline, stage=stage, **asdict(run)))
