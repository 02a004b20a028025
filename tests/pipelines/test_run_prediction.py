"""Predicted durations of runs."""

from __future__ import annotations

from pipelines.run_prediction import predict_run_seconds


def test_concurrent_stages_take_as_long_as_the_longest_chain() -> None:
    needs = {"audio": [], "speech": ["audio"], "slides": [], "notes": ["speech", "slides"]}
    expected = {"audio": 10.0, "speech": 100.0, "slides": 50.0, "notes": 1.0}
    assert predict_run_seconds(needs, {}, expected, slots=2) == 111
    assert predict_run_seconds(needs, {}, expected, slots=1) == 161
    assert predict_run_seconds({"notes": ["speech", "slides"]}, {"speech": 30.0, "slides": 5.0}, expected, slots=2) == 31
    assert predict_run_seconds({}, {"speech": 30.0}, expected, slots=2) == 30
    assert predict_run_seconds({}, {}, expected, slots=2) == 0


def test_a_stage_without_a_measurement_or_a_cycle_has_no_prediction() -> None:
    assert predict_run_seconds({"new": []}, {}, {}, slots=2) is None
    assert predict_run_seconds({}, {"new": None}, {}, slots=2) is None
    assert predict_run_seconds({"a": ["b"], "b": ["a"]}, {}, {"a": 1.0, "b": 1.0}, slots=2) is None
