"""Meeting software shows the same slide at another size when it shows more participants."""

from __future__ import annotations

import cv2
import numpy as np

from services.slides.comparison import Comparer
from services.slides.decoder import GrayImage
from services.slides.grid import DiffSettings, Grid
from services.slides.layout_changes import find_layout_change
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import SIZE, detect, draw_page, visits

GRAPHS = draw_page(["Graphs", "Vertices and edges", "Degrees of a vertex", "Paths and cycles", "Connected components"])
FLOWS = draw_page(["Network flows", "Capacity of an edge", "Minimum cuts", "Augmenting paths", "Residual networks"])


def beside_participants(slide: GrayImage) -> GrayImage:
    """Draw the slide at three quarters of its size, and three participants beside it."""
    picture = np.full(SIZE[::-1], 30, np.uint8)
    small = cv2.resize(slide, None, fx=0.75, fy=0.75, interpolation=cv2.INTER_AREA)
    picture[34 : 34 + small.shape[0], : small.shape[1]] = small
    for row in range(3):
        cv2.rectangle(picture, (372, 30 + 72 * row), (470, 90 + 72 * row), 120, -1)
        cv2.circle(picture, (421, 60 + 72 * row), 18, 190, -1)
    return picture


def test_a_slide_that_becomes_smaller_stays_one_page_and_is_shown_large() -> None:
    pages = detect([(GRAPHS, 6.0), (beside_participants(GRAPHS), 6.0), (FLOWS, 6.0)]).pages
    assert len(pages) == 2
    assert len(pages[0].spans) == 1
    assert pages[0].best_frame.time_s < 6.0


def test_a_slide_that_becomes_larger_stays_one_page_and_is_shown_large() -> None:
    pages = detect([(beside_participants(GRAPHS), 6.0), (GRAPHS, 6.0)]).pages
    assert len(pages) == 1
    assert pages[0].best_frame.time_s > 6.0


def test_a_slide_that_is_shown_again_at_another_size_is_one_page() -> None:
    sizes = [(GRAPHS, 6.0), (FLOWS, 6.0), (beside_participants(GRAPHS), 6.0), (beside_participants(FLOWS), 6.0)]
    assert visits(detect(sizes)) == [[[0.0, 6.0], [12.0, 18.0]], [[6.0, 12.0], [18.0, 24.0]]]


def test_a_template_that_looks_the_same_at_any_size_joins_no_slides() -> None:
    def draw_section(word: str) -> GrayImage:
        slide = np.full(SIZE[::-1], 235, np.uint8)
        cv2.fillPoly(slide, [np.array([(0, 0), (260, 0), (0, 150)], np.int32)], 80, cv2.LINE_AA)
        return cv2.putText(slide, word, (140, 140), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 25, 2, cv2.LINE_AA)  # type: ignore[return-value]

    frames = [each for word in ("Introduction", "Layout", "Elements") for each in ((draw_section(word), 5.0), (FLOWS, 5.0))]
    assert [page.spans[0][0] for page in detect(frames).pages] == [0.0, 4.875, 9.875, 19.875]


def test_another_slide_in_the_new_layout_is_another_page() -> None:
    assert visits(detect([(GRAPHS, 6.0), (beside_participants(FLOWS), 6.0)])) == [[[0.0, 6.0]], [[6.0, 12.0]]]


def test_a_slide_in_an_editor_is_another_page() -> None:
    editor = np.full(SIZE[::-1], 225, np.uint8)
    small = cv2.resize(GRAPHS, None, fx=0.6, fy=0.6, interpolation=cv2.INTER_AREA)
    editor[70 : 70 + small.shape[0], 130 : 130 + small.shape[1]] = small
    for row in range(9):
        cv2.putText(
            editor,
            "File Edit View" if row else "Insert Format Slide Arrange Tools",
            (6, 16 + 28 * row),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.45,
            20,
            1,
        )
        cv2.putText(editor, "Layout 12", (425, 16 + 28 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.35, 20, 1)
    assert len(detect([(editor, 6.0), (GRAPHS, 6.0)]).pages) == 2


def test_titles_of_one_deck_at_the_same_place_are_not_one_slide_at_two_sizes() -> None:
    titles = [draw_page(lines) for lines in (["Graphs", "Vertices"], ["Trees", "Leaves"], ["Summary", "Thank you"])]
    assert len(detect([(title, 6.0) for title in titles]).pages) == 3


def on_dark_ground(slide: GrayImage, scale: float, left: int, top: int) -> GrayImage:
    picture = np.full(SIZE[::-1], 33, np.uint8)
    small = cv2.resize(slide, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    picture[top : top + small.shape[0], left : left + small.shape[1]] = small
    return picture


def test_participants_who_move_from_the_side_to_the_top_hide_no_layout_change() -> None:
    dense = draw_page(["Graphs and flows", *(f"{number} is joined to {97 * number % 23} and {41 * number % 31}" for number in range(1, 8))])
    beside, below = on_dark_ground(dense, 0.72, 2, 30), on_dark_ground(dense, 0.6, 70, 90)
    at_the_right, above = (np.zeros(SIZE[::-1], np.bool_) for _ in range(2))
    beside[100:160, 474] = 200  # the frame of a tile that is not hidden as a whole
    at_the_right[:, 352:470], above[:84, 80:400] = True, True
    grid = Grid.for_image(beside, DEFAULTS.grid)
    comparer = Comparer(grid, DiffSettings(DEFAULTS.camera.contrast_normal), DEFAULTS.comparison)
    assert find_layout_change(beside, at_the_right, below, above, comparer, DEFAULTS.layout) == "smaller"
    assert find_layout_change(beside, at_the_right, on_dark_ground(FLOWS, 0.6, 70, 90), above, comparer, DEFAULTS.layout) is None
