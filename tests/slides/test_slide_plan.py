"""Changes of the plan of a recording's slides."""

from __future__ import annotations

import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from domain import TimeRange
from services.slide_plan.changes import Change, CropPictures, Drop, Merge, Move, Rename, ShowPicture, SlideChangeRefused, Split
from services.slide_plan.plan import Crop, Plan, PlannedSlide, base_plan, fingerprint, hash_of, plan_from_plain, plan_to_plain, with_titles

CHANGES: TypeAdapter[Change] = TypeAdapter(Change)
PLAN = base_plan(
    [
        (1, "One", [TimeRange(0, 10), TimeRange(30, 40)]),
        (2, "Two", [TimeRange(10, 20)]),
        (3, "Three", [TimeRange(20, 30), TimeRange(40, 60)]),
    ]
)


def times(plan: Plan) -> list[list[tuple[float, float]]]:
    return [[(visit.start_s, visit.end_s) for visit in slide.visits] for slide in plan]


def keys(plan: Plan) -> list[int]:
    return [slide.key for slide in plan]


def test_merged_slides_have_the_times_of_all_and_one_picture() -> None:
    merged_plan = Merge(slides=(1, 2)).apply(PLAN)
    assert (keys(merged_plan), times(merged_plan)[0]) == ([1, 3], [(0, 20), (30, 40)])
    assert (merged_plan[0].source, merged_plan[0].title) == (2, "Two")
    assert Merge(slides=(1, 2), picture=1).apply(PLAN)[0].source == 1
    for slides, picture in (((1, 9), None), ((1, 2), 3)):
        with pytest.raises(SlideChangeRefused):
            Merge(slides=slides, picture=picture).apply(PLAN)


def test_a_split_slide_keeps_its_picture_on_both_parts() -> None:
    parts = Split(slide=3, at_s=50).apply(PLAN)
    assert (keys(parts), times(parts)[2:]) == ([1, 2, 3, 4], [[(20, 30), (40, 50)], [(50, 60)]])
    assert times(Split(slide=1, at_s=20).apply(PLAN))[:2] == [[(0, 10)], [(30, 40)]]
    for at_s in (0, 40, 100):
        with pytest.raises(SlideChangeRefused):
            Split(slide=1, at_s=at_s).apply(PLAN)


def test_the_time_of_a_dropped_slide_goes_to_the_slide_before_it() -> None:
    assert times(Drop(slide=2).apply(PLAN)) == [[(0, 20), (30, 40)], [(20, 30), (40, 60)]]
    assert times(Drop(slide=1).apply(PLAN)) == [[(0, 20)], [(20, 60)]]
    with pytest.raises(SlideChangeRefused):
        Drop(slide=3).apply(Drop(slide=2).apply(Drop(slide=1).apply(PLAN)))


def test_titles_order_pictures_and_crops() -> None:
    new_plan = Rename(slide=2, title=" Second ").apply(PLAN)
    new_plan = Move(slide=3, position=0).apply(new_plan)
    new_plan = ShowPicture(slide=1, build=2).apply(new_plan)
    new_plan = CropPictures(slides=(1, 2), crop=(0.25, 0, 0.75, 1)).apply(new_plan)
    assert keys(new_plan) == [3, 1, 2]
    assert (new_plan[1].build, new_plan[1].crop, new_plan[2].title) == (2, Crop(0.25, 0, 0.75, 1), "Second")
    assert CropPictures(slides=(1, 2), crop=None).apply(new_plan)[1].crop is None
    with pytest.raises(SlideChangeRefused):
        CropPictures(slides=(1,), crop=(0.5, 0.5, 0.6, 0.5)).apply(PLAN)
    with pytest.raises(SlideChangeRefused):
        ShowPicture(slide=1, build=2).check_pictures(PLAN, {1: 2})
    assert plan_from_plain(plan_to_plain(new_plan)) == new_plan
    assert hash_of(new_plan) != hash_of(PLAN) and fingerprint(PLAN) == fingerprint(tuple(PLAN))


def test_a_change_names_each_slide_once_and_by_a_number() -> None:
    for wrong in (
        {"action": "merge", "slides": [1, 1]},
        {"action": "crop", "slides": [1, 2, 1], "crop": None},
        {"action": "rename", "slide": True, "title": "x"},
        {"action": "merge", "slides": [True, 2]},
        {"action": "move", "slide": 1, "position": False},
        {"action": "split", "slide": 1, "at_s": True},
        {"action": "picture", "slide": 1, "build": False},
    ):
        with pytest.raises(ValidationError):
            CHANGES.validate_python(wrong)


def test_only_titles_that_a_person_gave_outlive_another_detection() -> None:
    new_plan = Merge(slides=(2, 3)).apply(Rename(slide=1, title="Mine").apply(PLAN))
    assert [slide.title for slide in with_titles(new_plan, {1: "Uno", 2: "Due", 3: "Tre"})] == ["Mine", "Tre"]


def test_many_slides_are_changed_at_once_in_linear_time(monkeypatch: pytest.MonkeyPatch) -> None:
    plan = base_plan((number, "", [TimeRange(number, number + 1)]) for number in range(1, 2001))
    copies = 0

    def count_copies(*values: Any, **changes: Any) -> Any:
        nonlocal copies
        copies += 1
        return replace(*values, **changes)

    monkeypatch.setattr(PlannedSlide, "__eq__", lambda *_: pytest.fail("slides are compared"))
    monkeypatch.setattr("services.slide_plan.changes.replace", count_copies)
    everything = tuple(range(1, 2001))
    assert len(CropPictures(slides=everything, crop=(0, 0, 0.5, 1)).apply(plan)) == copies == 2000
    merged_plan = Merge(slides=everything[1::2]).apply(plan)
    assert len(Drop(slide=2).apply(merged_plan)) == 1000
    assert copies == 2000 + 1 + 1000


number = st.integers(1, 6)
any_change = st.one_of(
    st.builds(Merge, slides=st.lists(number, min_size=2, max_size=3, unique=True).map(tuple)),
    st.builds(Split, slide=number, at_s=st.floats(0, 70)),
    st.builds(Drop, slide=number),
    st.builds(Move, slide=number, position=number),
)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # the first draw imports much
@given(st.lists(any_change, max_size=12))
def test_no_change_loses_a_time_or_gives_it_to_two_slides(changes: list[Merge | Split | Drop | Move]) -> None:
    plan = PLAN
    for change in changes:
        try:
            plan = change.apply(plan)
        except SlideChangeRefused:
            continue
    visits = sorted((visit.start_s, visit.end_s) for slide in plan for visit in slide.visits)
    assert all(later[0] >= earlier[1] - 0.06 for earlier, later in itertools.pairwise(visits))
    total_s = sum(end - start for start, end in visits)
    assert total_s == pytest.approx(60, abs=1.5)  # parts of a moment are joined
    assert len(set(keys(plan))) == len(plan) and all(slide.visits for slide in plan)
