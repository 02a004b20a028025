"""A slide that is not shown for a while, as the camera's picture of the speaker is shown instead."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from services.slides.absences import AbsenceDetector
from services.slides.decoder import GrayImage
from services.slides.grid import DiffSettings, Grid
from services.slides.motion import MotionSample
from services.slides.parameters import DEFAULTS
from services.slides.sample_schedule import Sample
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


def test_a_short_cut_to_the_speaker_does_not_divide_a_visit() -> None:
    assert visits(detect([(FIRST, 8.0), *camera(3.0), (FIRST, 8.0)])) == [[[0.0, 19.0]]]


def test_a_slide_after_which_only_the_speaker_is_shown_has_ended() -> None:
    pages = detect([(FIRST, 8.0), (SECOND, 8.0), *camera(3.5)]).pages
    assert round(pages[1].spans[-1][1]) == 16


def in_meeting(picture: GrayImage) -> GrayImage:
    """Draw what is shared above the controls of a meeting, which stay."""
    meeting = np.full(SIZE[::-1], 40, np.uint8)
    meeting[:220] = cv2.resize(picture, (SIZE[0], 220), interpolation=cv2.INTER_AREA)
    for row in range(3):
        text = "Mute   Video   People   Chat   Share   React   Leave"
        cv2.putText(meeting, text, (10 + 6 * row, 234 + 14 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 220, 1, cv2.LINE_AA)
    return meeting


def test_participants_before_the_slides_belong_to_none_of_them() -> None:
    light, dark = in_meeting(FIRST), in_meeting(255 - SECOND)
    participants, tiles = [], np.full(SIZE[::-1], 90, np.uint8)
    for number, (picture, period_s) in enumerate(camera(5.0)):
        left, top = 250 * (number % 2) + 10, 140 * (number // 2 % 2) + 5
        tiles[top : top + 120, left : left + 210] = picture[top : top + 120, left : left + 210]
        participants.append((in_meeting(tiles), period_s))
    spans = visits(detect([*participants, *[(slide, 8.0) for slide in (light, dark, light, dark)]]))
    assert spans == [[[5.0, 13.0], [21.0, 29.0]], [[13.0, 21.0], [29.0, 37.0]]]


def test_controls_that_stay_do_not_hide_that_a_slide_is_absent() -> None:
    slide = in_meeting(FIRST)
    grid = Grid.for_image(slide, DEFAULTS.grid)
    nothing, shared = np.zeros(grid.shape, np.bool_), np.zeros(grid.shape, np.bool_)
    shared[: 220 // grid.side] = True
    detector = AbsenceDetector(grid, DiffSettings(14), DEFAULTS.stable_frames, DEFAULTS.comparison.min_gradient)
    detector.watch(slide, nothing, shared)
    for number, (picture, _) in enumerate([*camera(4.0), (FIRST, 1.0)]):
        time_s = 0.25 * number
        sample = Sample(time_s, max(0.0, time_s - 0.25), time_s, False, in_meeting(picture))
        detector.observe(MotionSample(sample, in_meeting(picture), None, None, nothing), nothing)
    ((begin_s, end_s),) = detector.absences
    assert (begin_s, end_s) == pytest.approx((0.0, 4.0), abs=0.25)
