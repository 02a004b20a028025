"""What a job may ask of the slide engine."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from domain import Box
from schemas.options import LectureOptions
from services.slides import SlideOptions


def test_boxes_reach_the_engine() -> None:
    asked = LectureOptions(region="10,140,840,472", ignore="980,480,280,240;0,0,64,32", builds="all", sensitivity="high")
    wanted = SlideOptions("high", "all", Box(10, 140, 840, 472), (Box(980, 480, 280, 240), Box(0, 0, 64, 32)))
    assert SlideOptions.of(asked.model_dump(mode="json")) == wanted


def test_jobs_of_earlier_versions_name_no_boxes() -> None:
    assert SlideOptions.of({"sensitivity": "normal", "builds": "final"}) == SlideOptions()


@pytest.mark.parametrize(
    "asked", [{"region": "1,2,3"}, {"region": "-1,2,30,40"}, {"ignore": "1,2,3,4;"}, {"ignore": ";".join(["1,2,3,4"] * 21)}]
)
def test_what_is_no_box_is_refused(asked: dict[str, str]) -> None:
    with pytest.raises(ValidationError):
        LectureOptions.model_validate(asked)
