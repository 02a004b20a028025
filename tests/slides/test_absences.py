"""A slide that is not shown for a while, as the camera's picture of the speaker is shown instead."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np

from services.slides.decoder import GrayImage
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import SIZE, detect, draw_page, visits

FIRST = draw_page(["Sorting", "Compare two elements", "Exchange them if needed"])
SECOND = draw_page(["Searching", "Halve the interval", "Go on in one of the halves"], left=60)


def camera(seconds: float, seed: int = 0) -> Iterator[tuple[GrayImage, float]]:
    """Draw a scene in which something moves everywhere, another picture at each sample."""
    rng = np.random.default_rng(seed)
    period_s = DEFAULTS.sampling.period_s
    for _ in range(round(seconds / period_s)):
        texture = rng.integers(0, 255, (9, 16), np.uint8)
        yield cv2.resize(texture, SIZE, interpolation=cv2.INTER_CUBIC), period_s  # type: ignore[misc]


def test_a_slide_that_is_shown_before_and_after_the_speaker_is_visited_twice() -> None:
    (page,) = detect([(FIRST, 8.0), *camera(4.0), (FIRST, 8.0)]).pages
    assert [[round(time_s) for time_s in span] for span in page.spans] == [[0, 8], [12, 20]]


def test_a_slide_ends_when_the_speaker_is_shown_before_the_next_one() -> None:
    first, second = visits(detect([(FIRST, 8.0), *camera(4.0), (SECOND, 8.0)]))
    assert first == [[0.0, 8.0]]
    assert second == [[12.0, 20.0]]


def test_a_flash_does_not_divide_a_visit() -> None:
    assert visits(detect([(FIRST, 8.0), *camera(1.0), (FIRST, 8.0)])) == [[[0.0, 17.0]]]


def test_a_slide_after_which_only_the_speaker_is_shown_has_ended() -> None:
    pages = detect([(FIRST, 8.0), (SECOND, 8.0), *camera(3.5)]).pages
    assert round(pages[1].spans[-1][1]) == 16
