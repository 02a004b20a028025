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


def with_step(letter: str, count: int) -> GrayImage:
    """Draw a slide with a few short lines beside a large letter, and what all slides have."""
    page = draw_page(["Lecture", "University of Ulm, summer term", "Department of computer science"])
    cv2.putText(page, letter, (120, 240), cv2.FONT_HERSHEY_SIMPLEX, 3.0, 25, 6, cv2.LINE_AA)
    for number in range(count):
        cv2.putText(page, f"{number + 1}/4", (280, 150 + 28 * number), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 25, 1, cv2.LINE_AA)
    return page


def test_a_step_beside_a_line_that_is_coded_anew_is_no_pointer_though_the_next_slide_does_not_have_it() -> None:
    blurred = with_step("A", 4)
    blurred[186:212, 270:340] = cv2.blur(blurred[186:212, 270:340], (9, 9))
    page = detect([(with_step("A", 3), 6.0), (blurred, STEP_S), (with_step("A", 4), 4.5), (with_step("B", 0), 6.0)]).pages[0]
    assert page.best_frame.time_s > 6.0
    assert len(page.builds) == 1
