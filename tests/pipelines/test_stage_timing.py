"""Time limits of stages, and predictions from their speed."""

from __future__ import annotations

import pytest

import errors
from pipelines.stage_timing import StageProgress, StageTiming


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_the_speed_of_a_running_stage_replaces_the_prediction() -> None:
    clock = Clock()
    progress = StageProgress(StageTiming(), clock)
    assert progress.predict_stage_seconds(None) is None
    assert progress.predict_stage_seconds(80.0) == 80
    progress.report(0.0)
    clock.at += 30
    progress.report(0.25)  # slower than before: 90 s by its speed, 60 s by its expected duration
    assert progress.predict_stage_seconds(None) == pytest.approx(90)
    assert progress.predict_stage_seconds(80.0) == pytest.approx(75)
    clock.at += 30
    progress.report(0.5)
    assert progress.predict_stage_seconds(80.0) == pytest.approx(60)


def test_work_from_a_checkpoint_does_not_count_for_the_speed() -> None:
    clock = Clock()
    progress = StageProgress(StageTiming(), clock)
    clock.at += 1
    progress.report(0.8)
    assert progress.predict_stage_seconds(None) is None
    clock.at += 10
    progress.report(0.9)
    assert progress.predict_stage_seconds(None) == pytest.approx(10)


def test_time_limit_grows_with_the_recording_and_stalls_have_their_own() -> None:
    clock = Clock()
    progress = StageProgress(StageTiming(media_s=100, base_timeout_s=60, timeout_per_media_s=2, stall_s=50), clock)
    for units in range(1, 6):
        clock.at += 50
        progress.report(units / 10)
        progress.raise_if_overdue()
    clock.at += 11
    with pytest.raises(errors.TimedOut, match="exceeded its time limit of 260 s"):
        progress.raise_if_overdue()
    fresh = StageProgress(StageTiming(stall_s=50), clock)
    clock.at += 51
    with pytest.raises(errors.Stalled):
        fresh.raise_if_overdue()
    fresh.report(0.5)
    fresh.raise_if_overdue()
