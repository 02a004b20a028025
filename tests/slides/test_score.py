"""The score of the slide bench."""

from __future__ import annotations

from typing import Any

from bench.slides.score import score


def visit(name: str, start: float, end: float, **fields: Any) -> dict[str, Any]:
    return {"id": name, "start": start, "end": end, "visit": 1, "states": [{"t": start, "step": 1, "of": 1}], **fields}


def page(start: float, end: float, **fields: Any) -> dict[str, Any]:
    return {"start": start, "end": end, "frame_time": end - 1, **fields}


TRUTH = {
    "slides": [visit("a", 0, 10, title="Graphs, again"), visit("glimpse", 10, 13, optional=True), visit("b", 20, 30, title="Cuts")],
    "distinct": ["a", "b"],
}


def test_an_optional_visit_may_be_shown_or_left_out() -> None:
    for pages in ([page(0, 10), page(20, 30)], [page(0, 10), page(10, 13), page(20, 30)]):
        result = score({"slides": pages}, TRUTH)
        assert (result.f1, result.page_f1) == (1.0, 1.0)


def test_a_start_near_an_optional_visit_counts_for_the_other_one() -> None:
    visits = [visit("a", 0, 10), visit("glimpse", 10, 11, optional=True), visit("b", 11, 20)]
    assert score({"slides": [page(0, 10), page(11, 20)]}, {"slides": visits, "distinct": ["a", "b"]}).f1 == 1.0


def test_titles_are_compared_by_letters_and_digits() -> None:
    pages = [page(0, 10, title="GRAPHS again"), page(20, 30, title="Cats")]
    assert score({"slides": pages}, TRUTH).titles == 0.5
    assert score({"slides": [page(0, 10)]}, TRUTH).titles is None


def test_overlapping_visits_are_counted() -> None:
    assert score({"slides": [page(0, 21), page(20, 30)]}, TRUTH).overlaps == 1
    assert score({"slides": [page(0, 20), page(20, 30)]}, TRUTH).overlaps == 0
