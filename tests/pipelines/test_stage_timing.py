"""Predicted durations, and time limits of stages."""

from __future__ import annotations

import pytest

import errors
from pipelines.stage_timing import StageProgress, StageTiming, seconds_left


class Clock:
    def __init__(self) -> None:
        self.at = 100.0

    def __call__(self) -> float:
        return self.at


def test_concurrent_stages_take_as_long_as_the_longest_chain() -> None:
    stages = {"sound": [], "words": ["sound"], "slides": [], "notes": ["words", "slides"]}
    expected = {"sound": 10.0, "words": 100.0, "slides": 50.0, "notes": 1.0}
    assert seconds_left(stages, {}, expected, slots=2) == 111
    assert seconds_left(stages, {}, expected, slots=1) == 161
    assert seconds_left({"notes": ["words", "slides"]}, {"words": 30.0, "slides": 5.0}, expected, slots=2) == 31
    assert seconds_left({}, {"words": 30.0}, expected, slots=2) == 30
    assert seconds_left({}, {}, expected, slots=2) == 0


def test_stages_that_were_never_measured_have_no_prediction() -> None:
    assert seconds_left({"new": []}, {}, {}, slots=2) is None
    assert seconds_left({}, {"new": None}, {}, slots=2) is None


def test_the_speed_of_a_running_stage_replaces_the_prediction() -> None:
    clock = Clock()
    watch = StageProgress(StageTiming(), clock)
    assert watch.seconds_left(None) is None
    assert watch.seconds_left(80.0) == 80
    watch.report(0.0)
    clock.at += 30
    watch.report(0.25)  # three times slower than ever before: 90 s by its own speed, 60 by the past
    assert watch.seconds_left(None) == pytest.approx(90)
    assert watch.seconds_left(80.0) == pytest.approx(75)
    clock.at += 30
    watch.report(0.5)
    assert watch.seconds_left(80.0) == pytest.approx(60)


def test_work_from_a_checkpoint_does_not_count_for_the_speed() -> None:
    clock = Clock()
    watch = StageProgress(StageTiming(), clock)
    clock.at += 1
    watch.report(0.8)
    assert watch.seconds_left(None) is None
    clock.at += 10
    watch.report(0.9)
    assert watch.seconds_left(None) == pytest.approx(10)


def test_time_limit_grows_with_the_recording_and_stalls_have_their_own() -> None:
    clock = Clock()
    watch = StageProgress(StageTiming(media_s=100, floor_s=60, factor=2, stall_s=50), clock)
    for done in range(1, 6):
        clock.at += 50
        watch.report(done / 10)
        watch.check()
    clock.at += 11
    with pytest.raises(errors.TimedOut):
        watch.check()
    fresh = StageProgress(StageTiming(stall_s=50), clock)
    clock.at += 51
    with pytest.raises(errors.Stalled):
        fresh.check()
    fresh.report(0.5)
    fresh.check()
