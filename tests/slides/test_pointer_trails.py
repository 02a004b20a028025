"""A pointer on blank ground is known from its trail or from the place that it left; a mark that appears is a build step."""

from __future__ import annotations

import cv2
import numpy as np

from services.slides.decoder import GrayImage
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import SIZE, detect, draw_page

Place = tuple[int, int]

PAGE = draw_page(["Sorting", "Insertion sort", "Merge sort", "Heap sort"])
ARROW = np.array([(0, 0), (0, 16), (4, 12), (7, 19), (9, 18), (6, 11), (12, 11)])
STEP_S = DEFAULTS.sampling.period_s
FIRST, SECOND = (300, 120), (400, 200)


def with_pointer(page: GrayImage, place: Place) -> GrayImage:
    page = page.copy()
    cv2.fillPoly(page, [ARROW + np.array(place)], 20, cv2.LINE_AA)
    return page


def path(start: Place, end: Place, steps: int = 4) -> list[tuple[GrayImage, float]]:
    """Draw the pointer on its way from one place to another, a sample each."""
    places = np.linspace(start, end, steps + 2)[1:-1].astype(int)
    return [(with_pointer(PAGE, (int(x), int(y))), STEP_S) for x, y in places]


def test_a_pointer_that_comes_and_goes_gives_no_build_step() -> None:
    outside = (SIZE[0] + 20, 120)
    rest = [(with_pointer(PAGE, FIRST), 5.0)]
    (page,) = detect([(PAGE, 6.0), *path(outside, FIRST), *rest, *path(FIRST, outside), (PAGE, 6.0)]).pages
    assert not page.builds


def test_a_pointer_that_jumps_gives_no_build_step() -> None:
    first, second = with_pointer(PAGE, FIRST), with_pointer(PAGE, SECOND)
    (page,) = detect([(first, 6.0), (second, 5.0), (first, 5.0), (second, 5.0), (first, 5.0)]).pages
    assert not page.builds


def test_a_mark_that_appears_at_once_is_a_build_step() -> None:
    (page,) = detect([(PAGE, 6.0), (with_pointer(PAGE, FIRST), 8.0)]).pages
    assert len(page.builds) == 1
