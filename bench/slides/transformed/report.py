"""The section of the bench of transformed recordings: means, minima, and the goals."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence

from bench.context import markdown_table
from bench.slides.goals import goal_line
from bench.slides.transformed.variants import AS_RECORDED, Result

_MIN_MEAN, _MIN_EACH = 0.97, 0.90
_COLUMNS = ("F1 / page F1, mean", "minimum", f"below {_MIN_EACH:.2f}")
_NO_RECORDINGS = "There is no folder of labelled real recordings; name one with MEDIA=folder."
_REAL, _SCREENS = "real recordings, transformed", "recorded screens, transformed"
_WHY = {
    _REAL: "Four slides of obj are shown for about a second and a half each, between animations. One frame a second does not tell when a "
    "slide came. Of raj the picture is often a frame that shows the slide complete, but that its labels, in tenths of a second, call not "
    "yet final or already the next slide. With two to six slides in a recording, one wrong page costs up to 0.2.",
    _SCREENS: "With six to eight slides in a recording, one page that shows a change costs more than 0.1.",
}
_NOTE = """F1 is of slide starts (within 2 s), page F1 of pages that show a slide in its final state; a minimum has the lowest of each. Real
recordings are transformed in every way, recorded screens in ten ways; the engine has its default parameters."""


def render(real: Sequence[Result], screens: Sequence[Result]) -> str:
    groups = {_REAL: _transformed(real), _SCREENS: _transformed(screens)}
    goals = [line for group, results in groups.items() if results for line in _check_goals(group, results)]
    return "\n\n".join(
        [
            _tabulate_transformations(_transformed(real)) if real else _NO_RECORDINGS,
            _tabulate_recordings([*real, *screens]),
            "\n".join(["| goal | | result | why |", "|---|---|---|---|", *goals]),
            _NOTE,
        ]
    )


def _transformed(results: Sequence[Result]) -> list[Result]:
    return [each for each in results if each.transformation != AS_RECORDED]


def _tabulate_transformations(results: Sequence[Result]) -> str:
    rows = []
    for name in dict.fromkeys(each.transformation for each in results):
        selection = [each for each in results if each.transformation == name]
        low = ", ".join(f"{each.recording} {_scores(each)}" for each in selection if each.lower < _MIN_EACH)
        rows.append([_words(name), *_statistics(selection), low])
    rows.append(["all", *_statistics(results), _count_low(results)])
    return markdown_table(["transformation", *_COLUMNS], rows)


def _tabulate_recordings(results: Sequence[Result]) -> str:
    rows = []
    for name in dict.fromkeys(each.recording for each in results):
        selection = [each for each in results if each.recording == name]
        as_recorded = next(_scores(each) for each in selection if each.transformation == AS_RECORDED)
        transformed = _transformed(selection)
        low = ", ".join(_words(each.transformation) for each in transformed if each.lower < _MIN_EACH)
        rows.append([_words(name), as_recorded, *_statistics(transformed), low])
    return markdown_table(["recording", AS_RECORDED, *(f"transformed: {column}" for column in _COLUMNS)], rows)


def _check_goals(group: str, results: Sequence[Result]) -> Iterator[str]:
    f1, page_f1 = (statistics.mean(values) for values in zip(*((each.f1, each.page_f1) for each in results), strict=True))
    goal = f"{group}: mean at least {_MIN_MEAN} / {_MIN_MEAN}"
    yield goal_line(goal, min(f1, page_f1) >= _MIN_MEAN, f"{f1:.3f} / {page_f1:.3f}")
    is_met = all(each.lower >= _MIN_EACH for each in results)
    yield goal_line(f"{group}: none below {_MIN_EACH:.2f}", is_met, _count_low(results), _WHY[group])


def _statistics(results: Sequence[Result]) -> list[str]:
    """Return the means and the minima."""
    f1, page_f1 = zip(*((each.f1, each.page_f1) for each in results), strict=True)
    return [f"{statistics.mean(f1):.3f} / {statistics.mean(page_f1):.3f}", f"{min(f1):.2f} / {min(page_f1):.2f}"]


def _count_low(results: Sequence[Result]) -> str:
    return f"{sum(each.lower < _MIN_EACH for each in results)} of {len(results)}"


def _scores(result: Result) -> str:
    return result.failure or f"{result.f1:.2f} / {result.page_f1:.2f}"


def _words(name: str) -> str:
    return name.replace("_", " ")
