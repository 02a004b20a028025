"""The changes of a plan. Each is data, so that a journal can store it, and returns the changed plan."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticCustomError

import errors
from domain import TimeRange
from lib.numbers import reject_bool
from services.slide_plan.plan import Crop, Plan, PlannedSlide

MAX_SLIDES = 2000
_MIN_VISIT_S = 0.05
_MIN_CROP = 0.02


def _refuse_duplicates(keys: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(keys)) != len(keys):
        raise PydanticCustomError("duplicate_slides", "every slide may be named once")
    return keys


_Key = Annotated[int, Field(ge=1, le=1_000_000), reject_bool]
_Keys = Annotated[tuple[_Key, ...], AfterValidator(_refuse_duplicates)]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False), reject_bool]
_Title = Annotated[str, StringConstraints(strip_whitespace=True, max_length=500)]


class SlideChangeRefused(errors.ValidationFailed):
    """This change does not fit the slides."""

    code = "slide_change_refused"
    hint = "Read the slides again and repeat your change."


class _Change(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    def check_pictures(self, plan: Plan, builds: Mapping[int, int]) -> None:
        """Raise SlideChangeRefused if a picture does not exist. `builds`: the number of build steps of each detected slide."""


class Rename(_Change):
    """Give a slide another title."""

    action: Literal["rename"] = "rename"
    slide: _Key
    title: _Title

    def apply(self, plan: Plan) -> Plan:
        return _change_slide(plan, self.slide, lambda slide: replace(slide, title=self.title, title_from=0))


class Merge(_Change):
    """Make one slide of several. It shows the picture of `picture`, by default that of the last one, and has the times of all."""

    action: Literal["merge"] = "merge"
    slides: Annotated[_Keys, Field(min_length=2, max_length=MAX_SLIDES)]
    picture: _Key | None = None

    def apply(self, plan: Plan) -> Plan:
        keys = {*self.slides}
        merged_slides = [slide for slide in plan if slide.key in keys]
        if len(merged_slides) != len(keys) or (self.picture is not None and self.picture not in keys):
            raise SlideChangeRefused("One of the slides does not exist.")
        picture_slide = _find(plan, self.picture) if self.picture is not None else merged_slides[-1]
        visits = _join_visits([visit for slide in merged_slides for visit in slide.visits])
        is_chosen = self.picture is not None or picture_slide.has_chosen_picture
        result = replace(picture_slide, key=merged_slides[0].key, visits=visits, has_chosen_picture=is_chosen)
        return tuple(result if slide is merged_slides[0] else slide for slide in plan if slide is merged_slides[0] or slide.key not in keys)


class Split(_Change):
    """Make two slides of one: what is shown from `at_s` on, seconds of the recording, becomes a slide of its own with the same picture."""

    action: Literal["split"] = "split"
    slide: _Key
    at_s: Annotated[float, Field(ge=0, allow_inf_nan=False), reject_bool]

    def apply(self, plan: Plan) -> Plan:
        if len(plan) >= MAX_SLIDES:
            raise SlideChangeRefused(f"The limit is {MAX_SLIDES} slides.")
        slide = _find(plan, self.slide)
        before = [TimeRange(each.start_s, min(each.end_s, self.at_s)) for each in slide.visits if each.start_s < self.at_s]
        after = [TimeRange(max(each.start_s, self.at_s), each.end_s) for each in slide.visits if each.end_s > self.at_s]
        if sum(each.duration_s for each in before) < _MIN_VISIT_S or sum(each.duration_s for each in after) < _MIN_VISIT_S:
            raise SlideChangeRefused("The slide is not shown both before and after this time.")
        parts = (replace(slide, visits=tuple(before)), replace(slide, key=max(each.key for each in plan) + 1, visits=tuple(after)))
        return tuple(part for each in plan for part in (parts if each is slide else (each,)))


class Drop(_Change):
    """Delete a slide. Its speech goes to the slide that is shown before, or after it if it is the first."""

    action: Literal["drop"] = "drop"
    slide: _Key

    def apply(self, plan: Plan) -> Plan:
        deleted_slide = _find(plan, self.slide)
        other_slides = tuple(slide for slide in plan if slide is not deleted_slide)
        if not other_slides:
            raise SlideChangeRefused("The only slide can't be left out.")
        return _with_times(other_slides, deleted_slide.visits)


class Move(_Change):
    """Put a slide at another place, `position` from 0. The times stay."""

    action: Literal["move"] = "move"
    slide: _Key
    position: Annotated[int, Field(ge=0, le=MAX_SLIDES), reject_bool]

    def apply(self, plan: Plan) -> Plan:
        moved_slide = _find(plan, self.slide)
        other_slides = [slide for slide in plan if slide is not moved_slide]
        return (*other_slides[: self.position], moved_slide, *other_slides[self.position :])


class ShowPicture(_Change):
    """Show a build step (`build`, from 0), the final state (null), or the picture of another detected slide (`source`)."""

    action: Literal["picture"] = "picture"
    slide: _Key
    source: _Key | None = None
    build: Annotated[int, Field(ge=0, le=1000), reject_bool] | None = None

    def apply(self, plan: Plan) -> Plan:
        def with_picture(slide: PlannedSlide) -> PlannedSlide:
            source = self.source or slide.source
            is_chosen = self.build is not None or source != slide.key
            return replace(slide, source=source, build=self.build, has_chosen_picture=is_chosen)

        return _change_slide(plan, self.slide, with_picture)

    def check_pictures(self, plan: Plan, builds: Mapping[int, int]) -> None:
        source = self.source or _find(plan, self.slide).source
        if self.source is not None and self.source not in builds:
            raise SlideChangeRefused(f"There is no detected slide {self.source}.")
        if self.build is not None and self.build >= builds.get(source, 0):
            raise SlideChangeRefused("The slide has no such build step.")


class CropPictures(_Change):
    """Show a part of the pictures; `crop` null shows them whole. Shares of width and height, origin at the top left."""

    action: Literal["crop"] = "crop"
    slides: Annotated[_Keys, Field(min_length=1, max_length=MAX_SLIDES)]
    crop: tuple[_Share, _Share, _Share, _Share] | None = Field(description="x, y, width, height")

    def apply(self, plan: Plan) -> Plan:
        crop = None
        if self.crop is not None:
            x, y, width, height = self.crop
            if width < _MIN_CROP or height < _MIN_CROP or x + width > 1.0001 or y + height > 1.0001:
                raise SlideChangeRefused("The part of the picture is too small, or lies outside of it.")
            crop = Crop(x, y, min(width, 1 - x), min(height, 1 - y))
        keys = {*self.slides}
        if len(keys & {slide.key for slide in plan}) != len(keys):
            raise SlideChangeRefused("One of the slides does not exist.")
        return tuple(replace(slide, crop=crop) if slide.key in keys else slide for slide in plan)


Change = Annotated[Rename | Merge | Split | Drop | Move | ShowPicture | CropPictures, Field(discriminator="action")]


def _find(plan: Plan, key: int) -> PlannedSlide:
    for slide in plan:
        if slide.key == key:
            return slide
    raise SlideChangeRefused(f"There is no slide with the key {key}.")


def _change_slide(plan: Plan, key: int, change: Callable[[PlannedSlide], PlannedSlide]) -> Plan:
    changed_slide = _find(plan, key)
    return tuple(change(slide) if slide is changed_slide else slide for slide in plan)


def _with_times(plan: Plan, times: Sequence[TimeRange]) -> Plan:
    """Give each time to the slide whose visit begins last before it, else to the one whose visit begins first."""
    visits = sorted(((visit, slide.key) for slide in plan for visit in slide.visits), key=lambda each: each[0].start_s)
    starts = [visit.start_s for visit, _ in visits]
    visits_by_number: dict[int, list[TimeRange]] = {}
    for time in times:
        at = max(0, bisect_right(starts, time.start_s) - 1)
        nearest, owner = visits[at]
        visits[at] = (TimeRange(min(nearest.start_s, time.start_s), max(nearest.end_s, time.end_s)), owner)
        visits_by_number[owner] = []
    for visit, owner in visits:
        if owner in visits_by_number:
            visits_by_number[owner].append(visit)
    return tuple(
        replace(slide, visits=_join_visits(visits_by_number[slide.key])) if slide.key in visits_by_number else slide for slide in plan
    )


def _join_visits(visits: list[TimeRange]) -> tuple[TimeRange, ...]:
    """Return the visits in time order; those that touch are one."""
    result: list[TimeRange] = []
    for visit in sorted(visits, key=lambda each: each.start_s):
        if result and visit.start_s <= result[-1].end_s + _MIN_VISIT_S:
            result[-1] = TimeRange(result[-1].start_s, max(result[-1].end_s, visit.end_s))
        else:
            result.append(visit)
    return tuple(result)
