"""The frame from which a page's image is read: as good as any later one, and as soon after the keyframe before it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from services.slides.parameters import DEFAULTS
from services.slides.sample_schedule import Sample
from tests.slides.sequences import PAPER, SIZE, detect, detect_samples, draw_page

NEXT_PAGE = (draw_page(["Summary", "Thank you", "Questions"]), 5.0)


def blurred(page: GrayImage, sigma: float) -> GrayImage:
    return np.asarray(cv2.GaussianBlur(page, (0, 0), sigma), np.uint8) if sigma else page


def test_a_picture_that_stands_for_long_is_read_from_its_first_frame() -> None:
    pages = detect([(draw_page(["Methods", "Two samples"]), 30.0), NEXT_PAGE]).pages
    assert pages[0].best_frame.pts_s < 2.0
    assert pages[0].best_frame.time_s > 28.0
    assert 30.0 <= pages[1].best_frame.pts_s < 32.0


@pytest.mark.parametrize(("text_level", "last_sigma"), [(25, 0.35), (PAPER - 40, 0.5)], ids=["strong text", "faint text"])
def test_a_picture_that_the_codec_refines_for_seconds_is_read_when_it_is_finished(text_level: int, last_sigma: float) -> None:
    page = draw_page(["Methods", "Two samples", "Three groups"], text_level=text_level)
    refined = [(blurred(page, sigma), 1.5) for sigma in (1.2, 1.0, 0.8, 0.7, last_sigma)]
    pages = detect([*refined, (page, 20.0), NEXT_PAGE]).pages
    assert len(pages) == 2
    assert 7.5 <= pages[0].best_frame.pts_s < 9.0


def test_a_mark_too_small_to_be_a_change_is_on_the_image() -> None:
    page = draw_page(["Methods", "Two samples"])
    marked = page.copy()
    marked[150:152, 200:202] = 25
    pages = detect([(page, 10.0), (marked, 10.0), NEXT_PAGE]).pages
    assert len(pages) == 2
    assert 10.0 <= pages[0].best_frame.pts_s < 11.0


def test_the_last_keyframe_is_preferred() -> None:
    page, period_s = draw_page(["Methods", "Two samples"]), 0.25
    times = [number * period_s for number in range(80)]
    samples = [Sample(time_s, max(0.0, time_s - period_s), time_s, time_s in (5.0, 10.0), page) for time_s in times]
    assert detect_samples(samples).pages[0].best_frame.pts_s == 10.0


def test_a_picture_with_noise_is_read_at_its_end() -> None:
    """No two of its frames are the same."""
    noise, page = np.random.default_rng(1), draw_page(["Methods", "Two samples"])
    frames = [(cv2.add(page, noise.integers(0, 3, SIZE[::-1], np.uint8)), 0.25) for _ in range(40)]
    pages = detect([*frames, NEXT_PAGE]).pages  # type: ignore[list-item]
    assert 9.0 <= pages[0].best_frame.pts_s < 10.0


@pytest.mark.parametrize("shown_s", [3.0, 3.25, 3.5, 4.0])
def test_a_picture_that_is_refined_until_it_dissolves_is_not_taken_with_the_first_patches_of_the_next_one(shown_s: float) -> None:
    rng = np.random.default_rng(3)
    first, second = (
        draw_page(["Thrift", "A prototype language", "objects and blocks"]),
        255 - draw_page(["Partners", "Two of them", "and more"]),
    )
    order = rng.permutation(45 * 80).reshape(45, 80)
    frames = []
    for _ in range(round(shown_s / DEFAULTS.sampling.period_s)):
        refined = first.copy()
        for row, column in rng.integers((0, 0), (45, 80), (35, 2)):
            refined[6 * row : 6 * row + 6 : 3, 6 * column : 6 * column + 6 : 3] -= 22
        frames.append((refined, DEFAULTS.sampling.period_s))
    for share in (0.05, 0.3, 0.6, 0.9):
        patches = np.kron(order < share * order.size, np.ones((6, 6), np.bool_))
        frames.append((np.where(patches, second, first), DEFAULTS.sampling.period_s))
    detection = detect([*frames, (second, 6.0)])
    assert len(detection.pages) == 2
    assert detection.pages[0].best_frame.time_s < shown_s


def test_a_page_before_a_slow_fade_is_read_before_it_begins() -> None:
    page, black = draw_page(["Methods", "Two samples"]), np.zeros(SIZE[::-1], np.uint8)
    shares = (0.05, 0.1, 0.25, 0.5, 0.8)
    fade = [(np.asarray(cv2.addWeighted(page, 1 - share, black, share, 0), np.uint8), 0.25) for share in shares]
    first, _ = detect([(page, 10.0), *fade, (black, 0.5), (255 - NEXT_PAGE[0], 5.0)]).pages
    assert first.best_frame.time_s < 10.0
