"""The slide options of a job."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain import Box
from schemas.options import LectureOptions
from services.slides import SlideOptions


def test_boxes_reach_the_engine() -> None:
    options = LectureOptions(region="10,140,840,472", ignore="980,480,280,240;0,0,64,32", builds="all", sensitivity="high")
    expected = SlideOptions("high", "all", Box(10, 140, 840, 472), (Box(980, 480, 280, 240), Box(0, 0, 64, 32)))
    assert SlideOptions.of(options.model_dump(mode="json")) == expected


def test_options_stored_by_earlier_versions_have_no_boxes() -> None:
    assert SlideOptions.of({"sensitivity": "normal", "builds": "final"}) == SlideOptions()


@pytest.mark.parametrize(
    "fields", [{"region": "1,2,3"}, {"region": "-1,2,30,40"}, {"ignore": "1,2,3,4;"}, {"ignore": ";".join(["1,2,3,4"] * 21)}]
)
def test_malformed_boxes_are_refused(fields: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        LectureOptions.model_validate(fields)
