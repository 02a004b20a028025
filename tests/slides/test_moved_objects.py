"""Pointers that rest on text, or move while a line appears, are no change of the slide; numbers that change are."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from tests.slides.sequences import detect, draw_page, visits

LINES = ["Gradients", "Steepest ascent of a function", "Choose the step size", "Converges slowly at first", "Repeat until it is small"]
SLIDE = draw_page(LINES)
BEFORE = draw_page(LINES[:2])
OTHER = 255 - draw_page(["Results", "Throughput of the server", "Latency"], left=60)
FREE, ALSO_FREE = (400, 60), (430, 230)
ON_E, ON_G, ON_D, ON_S = (102, 20), (65, 20), (97, 28), (196, 28)
ARROW = np.array([(0, 0), (0, 20), (5, 15), (9, 24), (12, 22), (8, 14), (15, 14)]) * 0.75
Place = tuple[int, int]
Draw = Callable[[GrayImage, Place], GrayImage]


def with_arrow(page: GrayImage, place: Place) -> GrayImage:
    large: GrayImage = cv2.resize(page, None, fx=4, fy=4, interpolation=cv2.INTER_CUBIC)  # type: ignore[assignment]
    outline = ((ARROW + place) * 4).astype(np.int32)
    cv2.fillPoly(large, [outline], 255, cv2.LINE_AA)
    cv2.polylines(large, [outline], True, 0, 4, cv2.LINE_AA)
    return cv2.resize(large, page.shape[::-1], interpolation=cv2.INTER_AREA)  # type: ignore[return-value]


def with_laser(page: GrayImage, place: Place) -> GrayImage:
    frame = page.copy()
    cv2.circle(frame, place, 7, 90, -1, cv2.LINE_AA)
    return frame


def with_circle(page: GrayImage, place: Place) -> GrayImage:
    """Draw an arrow in a large opaque circle, as screen recorders do."""
    frame = page.copy()
    cv2.circle(frame, place, 17, 180, -1, cv2.LINE_AA)
    return with_arrow(frame, place)


def with_translucent_circle(page: GrayImage, place: Place) -> GrayImage:
    marked = page.copy()
    cv2.circle(marked, place, 16, 235, -1, cv2.LINE_AA)
    return with_arrow(cv2.addWeighted(marked, 0.5, page, 0.5, 0), place)  # type: ignore[arg-type]


POINTERS = pytest.mark.parametrize("point", [with_arrow, with_laser, with_circle, with_translucent_circle])


@POINTERS
@pytest.mark.parametrize("places", [(FREE, ALSO_FREE, ON_E), (FREE, ALSO_FREE, ON_D), (FREE, ON_S, ON_G)])
def test_a_pointer_that_rests_on_text_until_the_slide_ends_makes_no_page(point: Draw, places: tuple[Place, ...]) -> None:
    frames = [(point(SLIDE, place), 8.0) for place in places]
    assert visits(detect([*frames, (OTHER, 8.0)])) == [[[0.0, 24.0]], [[24.0, 32.0]]]


@pytest.mark.parametrize("point", [with_arrow, with_laser])
def test_a_pointer_that_comes_to_an_empty_place_is_no_fuller_state(point: Draw) -> None:
    shown_without_s = 18.0
    durations_s = {FREE: 6.0, (600, 400): shown_without_s - 6.0, ALSO_FREE: 6.0}
    frames = [(point(SLIDE, place), duration_s) for place, duration_s in durations_s.items()]
    assert detect([*frames, (OTHER, 8.0)]).pages[0].best_frame.time_s <= shown_without_s


@POINTERS
def test_a_line_that_appears_while_a_pointer_goes_is_a_build_step(point: Draw) -> None:
    frames = [(point(BEFORE, FREE), 6.0), (point(BEFORE, ALSO_FREE), 6.0), (SLIDE, 8.0), (OTHER, 8.0)]
    detection = detect(frames)
    assert visits(detection) == [[[0.0, 20.0]], [[20.0, 28.0]]]
    assert detection.pages[0].best_frame.time_s > 12.0


def test_a_pointer_that_comes_back_from_the_edge_while_a_line_appears_makes_no_page() -> None:
    shown = [(with_laser(BEFORE, FREE), 6.0), (with_laser(BEFORE, (476, 100)), 6.0), (with_laser(SLIDE, ALSO_FREE), 6.0), (OTHER, 8.0)]
    assert visits(detect(shown)) == [[[0.0, 18.0]], [[18.0, 26.0]]]


@pytest.mark.parametrize("numbers", [(12, 17, 71), (38, 36, 83), (4, 7, 1), (555, 572, 216)])
def test_numbers_that_change_beside_a_pointer_are_slides(numbers: tuple[int, ...]) -> None:
    pages = [draw_page([*LINES[:4], f"k = {number}"]) for number in numbers]
    places = (FREE, ALSO_FREE, (300, 200))
    frames = [(with_arrow(page, place), 6.0) for page in pages for place in places]
    assert visits(detect(frames)) == [[[0.0, 18.0]], [[18.0, 36.0]], [[36.0, 54.0]]]


@pytest.mark.parametrize("title", [(59, 34), (97, 34), (135, 34)])
def test_a_translucent_circle_that_goes_to_large_text_and_is_seen_nowhere_else_makes_no_page(title: Place) -> None:
    frames = []
    for place in (FREE, title):
        marked = SLIDE.copy()
        cv2.circle(marked, place, 14, 200, -1)
        frames.append((with_arrow(np.asarray(cv2.addWeighted(marked, 0.5, SLIDE, 0.5, 0), np.uint8), place), 8.0))
    assert visits(detect([*frames, (OTHER, 8.0)])) == [[[0.0, 16.0]], [[16.0, 24.0]]]
