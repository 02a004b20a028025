"""The plan of a recording's slides: the detected ones as a person has corrected them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from domain import TimeRange
from lib.serialization import from_plain, to_plain


@dataclass(frozen=True)
class Crop:
    """The part of a picture that is shown, as shares of its width and height, origin at the top left."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class PlannedSlide:
    """A slide of the documents.

    `key` stays the same through all changes. `source` is the number of the detected slide whose picture and words it shows, `build` the
    index of the build step that it shows instead of the final state. Times of `visits` are seconds of the notes.

    `title_from` is the number of the detected slide whose title it has, 0 if a person has named it. `has_chosen_picture`: a person has
    chosen which picture it shows.
    """

    key: int
    source: int
    title: str
    visits: tuple[TimeRange, ...]
    build: int | None = None
    crop: Crop | None = None
    title_from: int = 0
    has_chosen_picture: bool = False

    @property
    def start_s(self) -> float:
        return min(visit.start_s for visit in self.visits)


Plan = tuple[PlannedSlide, ...]


def base_plan(slides: Iterable[tuple[int, str, Sequence[TimeRange]]]) -> Plan:
    """Return the plan of detected slides: number, title and visits of each."""
    return tuple(PlannedSlide(number, number, title, tuple(visits), title_from=number) for number, title, visits in slides if visits)


def with_titles(plan: Plan, titles: Mapping[int, str]) -> Plan:
    """Return the plan with the current titles of detected slides, by number. Slides that a person has named keep theirs."""
    return tuple(replace(slide, title=titles.get(slide.title_from, slide.title)) for slide in plan)


def fingerprint(plan: Plan) -> str:
    """Return a hash of the times of detected slides: changes of a plan fit only to slides with the same times."""
    times = [[slide.source, *([round(visit.start_s, 3), round(visit.end_s, 3)] for visit in slide.visits)] for slide in plan]
    return _hash(times)


def hash_of(plan: Plan | None) -> str:
    """Return a hash of the whole plan; "" for None."""
    return "" if plan is None else _hash(plan_to_plain(plan))


def plan_to_plain(plan: Plan) -> list[Any]:
    return [to_plain(slide) for slide in plan]


def plan_from_plain(plain: Sequence[Any]) -> Plan:
    return tuple(from_plain(PlannedSlide, each) for each in plain)


def _hash(value: object) -> str:
    return hashlib.sha256(json.dumps(value, separators=(",", ":")).encode()).hexdigest()
