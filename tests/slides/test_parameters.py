"""Every parameter of the slide engine is describe_parameters and can be varied."""

from __future__ import annotations

import pytest

from bench.slides.vary import compare
from config import PROJECT
from services.slides.parameters import DEFAULTS, describe_parameters


def test_every_parameter_has_a_unit_a_meaning_and_a_case() -> None:
    descriptions = list(describe_parameters())
    assert len(descriptions) > 150
    assert all(each.unit and each.meaning and each.case for each in descriptions)
    assert len({each.name for each in descriptions}) == len(descriptions)


def test_one_parameter_can_be_varied_by_its_name() -> None:
    parameters = DEFAULTS.with_value("motion.bin_s", 3.0)
    assert parameters.motion.bin_s == 3.0
    assert [each.name for each, default in zip(describe_parameters(parameters), describe_parameters(), strict=True) if each != default] == [
        "motion.bin_s"
    ]


@pytest.mark.parametrize("name", ["motion.unknown", "unknown.bin_s", "motion"])
def test_an_unknown_parameter_is_refused(name: str) -> None:
    with pytest.raises((TypeError, AttributeError)):
        DEFAULTS.with_value(name, 1)


def test_the_bench_scores_a_recording_with_other_values() -> None:
    rows = list(compare([PROJECT / "samples" / "tiny.truth.json"], "revisits.min_duration_s", [1e6]))
    assert [row[:2] for row in rows] == [["tiny", "0.6"], ["tiny", "1000000.0"]]
    assert rows[0][2:5] == ["1.00", "1.00", "2"]
    assert rows[1][4] == "1"
