"""A document that is scrolled back to a page, but not to the same place."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from tests.slides.sequences import SIZE, detect, draw_page, visits

WIDTH, HEIGHT = SIZE
TOP = 30


def in_window(page: GrayImage, scrolled_rows: int, colour: str) -> GrayImage:
    """Draw a page under a tool bar, moved up by some rows."""
    window = np.full((HEIGHT, WIDTH), 60, np.uint8)
    window[TOP:] = np.roll(page, -scrolled_rows, 0)[: HEIGHT - TOP]
    cv2.putText(window, f"File  Edit  View  Pen: {colour}", (10, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 230, 1, cv2.LINE_AA)
    return window


def ruled(numbers: list[int]) -> GrayImage:
    """Draw a page on a ground that is not even, so that it is no pane."""
    page = draw_page(["Measurements", *(f"sample {number}: {number * 37 % 101} of {number * 53 % 211}" for number in numbers)])
    return cv2.min(page, np.tile(np.linspace(150, 245, WIDTH).astype(np.uint8), (HEIGHT, 1)))  # type: ignore[return-value]


FIRST, SECOND = ruled([1, 2, 3, 4, 5]), ruled([21, 42, 63, 74, 85])


@pytest.mark.parametrize("rows", [-9, -4, 3, 8])
def test_a_page_a_little_higher_or_lower_is_shown_again(rows: int) -> None:
    first, again = in_window(FIRST, 15, "blue"), in_window(FIRST, 15 + rows, "red")
    assert visits(detect([(first, 6.0), (in_window(SECOND, 15, "blue"), 6.0), (again, 6.0)])) == [[[0.0, 6.0], [12.0, 18.0]], [[6.0, 12.0]]]


def test_a_page_with_other_text_at_another_place_is_another_one() -> None:
    other = in_window(ruled([6, 7, 8, 9, 10]), 20, "blue")
    assert len(detect([(in_window(FIRST, 15, "blue"), 6.0), (in_window(SECOND, 15, "blue"), 6.0), (other, 6.0)]).pages) == 3
