"""The region of the slide in the picture: a box bounded by lines, around all that changes from slide to slide."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from services.slides.grid import DiffSettings, Grid
from services.slides.parameters import DEFAULTS
from services.slides.region import find_slide_region
from tests.slides.sequences import PAPER, SIZE, draw_page

Rectangle = tuple[int, int, int, int]  # left, top, right, bottom in pixels

WINDOW = 60
PAGES = [
    draw_page([f"Chapter {number}", *(f"{word} {number}" for word in words.split())], left=8)
    for number, words in enumerate(("alpha beta gamma delta", "one two three four five", "north east south west", "red green blue"), 1)
]


def draw_in_box(page: GrayImage, box: Rectangle, window: int = WINDOW) -> GrayImage:
    left, top, right, bottom = box
    picture = np.full(SIZE[::-1], window, np.uint8)
    picture[top:bottom, left:right] = cv2.resize(page, (right - left, bottom - top), interpolation=cv2.INTER_AREA)
    return picture


def find_region(pictures: list[GrayImage]) -> Rectangle | None:
    grid = Grid.for_image(pictures[0], DEFAULTS.grid)
    settings = DiffSettings(DEFAULTS.camera.contrast_normal)
    region = find_slide_region(pictures, grid, settings, np.zeros(grid.shape, np.bool_), DEFAULTS.region)
    return region and tuple(round(share * side) for share, side in zip(region, SIZE * 2, strict=True))  # type: ignore[return-value]


@pytest.mark.parametrize(
    "box",
    [(60, 40, 380, 220), (40, 20, 300, 166), (0, 0, 380, 214), (20, 20, 334, 256), (0, 0, 450, 253)],
    ids=["window", "small", "corner", "4 to 3", "large"],
)
def test_slides_in_a_window_have_its_region(box: Rectangle) -> None:
    assert find_region([draw_in_box(page, box) for page in PAGES]) == box


def test_a_faint_border_is_enough() -> None:
    box = (60, 40, 380, 220)
    assert find_region([draw_in_box(page, box, PAPER - 15) for page in PAGES]) == box


@pytest.mark.parametrize(
    "box",
    [(60, 40, 220, 130), (0, 0, 466, 262), (60, 10, 260, 250), (10, 60, 470, 230), (90, 0, 480, 270)],
    ids=["a small box", "nearly all", "narrow", "wide", "a side bar"],
)
def test_a_box_that_is_no_slide_is_no_region(box: Rectangle) -> None:
    assert find_region([draw_in_box(page, box) for page in PAGES]) is None


def test_two_pages_are_too_few_to_tell() -> None:
    pictures = [draw_in_box(page, (60, 40, 380, 220)) for page in PAGES]
    assert find_region(pictures[:2]) is None
    assert find_region(pictures[:3])


def test_a_line_on_one_page_only_is_no_border() -> None:
    assert find_region([PAGES[0], draw_in_box(PAGES[1], (60, 40, 380, 220)), *PAGES[2:]]) is None
