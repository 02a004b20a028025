"""Every parameter of the slide engine is documented and can be varied."""

from __future__ import annotations

import pytest

from services.slides.parameters import DEFAULTS, documented


def test_every_parameter_has_a_unit_a_meaning_and_a_case() -> None:
    described = list(documented())
    assert len(described) > 150
    assert all(each.unit and each.meaning and each.case for each in described)
    assert len({each.name for each in described}) == len(described)


def test_one_parameter_can_be_varied_by_its_name() -> None:
    varied = DEFAULTS.with_value("motion.bin_s", 3.0)
    assert varied.motion.bin_s == 3.0
    assert [each.name for each, default in zip(documented(varied), documented(), strict=True) if each != default] == ["motion.bin_s"]


@pytest.mark.parametrize("name", ["motion.unknown", "unknown.bin_s", "motion"])
def test_an_unknown_parameter_is_refused(name: str) -> None:
    with pytest.raises((TypeError, AttributeError)):
        DEFAULTS.with_value(name, 1)
