"""A program that shows slides in its window: a bar with the page's number, and a list of pages that goes along."""

from __future__ import annotations

import cv2
import numpy as np

from services.slides.decoder import GrayImage
from services.slides.panes import Pane, common_pane, find_pane
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import SIZE, detect, draw_page, visits

WIDTH, HEIGHT = SIZE
TOP, LEFT = 36, 70
DECK = [
    ["Graphs", "Nodes are joined by edges", "A path visits some of them", "A cycle ends where it begins"],
    ["Network flows", "What leaves a source arrives", "No more than the capacity", "Cuts bound the flow"],
    ["Minors", "Contract an edge or delete it", "Planar ones have no K5", "A theorem by Wagner"],
    ["Trees", "There is one path only", "Remove any edge: two parts", "Leaves have degree one"],
]


def write(image: GrayImage, text: str, left: int, top: int, scale: float = 0.35, level: int = 40) -> None:
    cv2.putText(image, text, (left, top), cv2.FONT_HERSHEY_SIMPLEX, scale, level, 1, cv2.LINE_AA)


def in_viewer(slide: GrayImage, number: int) -> GrayImage:
    """Draw a window with the slide: a tool bar with its number, and pictures of the pages before and after it at the left."""
    window = np.full((HEIGHT, WIDTH), 205, np.uint8)
    for text, left in (("File  Edit  View  Go", 8), (f"{number} of 40", 190), ("Zoom   Browse   Select", 300)):
        write(window, text, left, 22)
    for row in range(4):
        top = TOP + 57 * row
        cv2.rectangle(window, (6, top), (LEFT - 8, top + 44), 245 if row else 120, -1)
        for line in range(4):
            write(window, f"{(number + row) * 37 % 10} {'abcdefghij'[(number + row + line) % 10]} and so", 9, top + 9 + 10 * line, 0.28)
        write(window, str(number + row), 26, top + 54, 0.3)
    window[TOP:, LEFT:] = cv2.resize(slide, (WIDTH - LEFT, HEIGHT - TOP), interpolation=cv2.INTER_AREA)
    return window


def test_builds_and_revisits_in_a_viewer_are_those_of_the_slides() -> None:
    frames, number = [], 1
    for lines in DECK:
        for count in range(2, len(lines) + 1):
            frames.append((in_viewer(draw_page(lines[:count]), number), 4.0))
            number += 1
    frames += [(in_viewer(draw_page(DECK[1]), 21), 4.0), (in_viewer(draw_page(DECK[3]), 30), 4.0)]
    spans = visits(detect(frames))
    assert spans == [[[0.0, 12.0]], [[12.0, 24.0], [48.0, 52.0]], [[24.0, 36.0]], [[36.0, 48.0], [52.0, 56.0]]]


def in_browser(slide: GrayImage, number: int) -> GrayImage:
    """Draw a window full of bars, with the address of the slide, which becomes longer, and the slide on black in its middle."""
    window = np.full((HEIGHT, WIDTH), 225, np.uint8)
    for row in range(4):
        write(window, "Timetable Mail Moodle Library Room plan Canteen Forum Exams Sports", 4 + 3 * row, 12 + 14 * row, 0.38)
    window[46:62] = 250
    write(window, "lesson.html" + "/next" * number, 10, 57, 0.36)
    window[62:] = 5
    small = cv2.resize(slide, (340, 191), interpolation=cv2.INTER_AREA)
    window[72 : 72 + small.shape[0], 70 : 70 + small.shape[1]] = small
    return window


def chart(heading: str, is_pie: bool) -> GrayImage:
    slide = draw_page([heading])
    if is_pie:
        cv2.circle(slide, (240, 160), 92, 110, -1, cv2.LINE_AA)
        return slide
    for column in range(6):
        cv2.rectangle(slide, (150 + 32 * column, 250 - 20 * (column * 5 % 7)), (176 + 32 * column, 250), 150, -1)
    return slide


def test_a_chart_that_comes_back_was_not_behind_the_slide_that_was_shown_meanwhile() -> None:
    first, second = in_browser(chart("Visitors", True), 2), in_browser(chart("Visitors by day", False), 3)
    frames = [(in_browser(draw_page(DECK[0]), 1), 5.0), (first, 5.0), (second, 5.0), (in_browser(draw_page(DECK[1]), 4), 5.0), (first, 5.0)]
    assert visits(detect(frames)) == [[[0.0, 5.0]], [[5.0, 10.0], [20.0, 25.0]], [[10.0, 15.0]], [[15.0, 20.0]]]


def under_band(lines: list[str], heading: str) -> GrayImage:
    """Draw a slide with its heading in a dark band above the page."""
    slide = draw_page([""])
    for row, line in enumerate(lines):
        write(slide, line, 40, 90 + 30 * row, 0.5, 25)
    slide[:50] = 70
    write(slide, heading, 30, 34, 0.8, 240)
    return slide


def test_a_heading_in_a_band_above_the_page_belongs_to_the_slide() -> None:
    rows = [f"{year}: {37 * year % 900} samples, {year % 13} errors" for year in range(2019, 2025)]
    frames = [(under_band(rows, heading), 6.0) for heading in ("Trapezoids", "Simpson")]
    assert find_pane(frames[0][0], DEFAULTS.panes) is not None
    assert len(detect(frames).pages) == 2
    assert len(detect([frames[0], (draw_page(DECK[0]), 6.0), frames[1]]).pages) == 3


def test_a_pane_is_wide_and_high_and_has_one_ground() -> None:
    slide = draw_page(DECK[0])
    assert find_pane(in_viewer(slide, 3), DEFAULTS.panes) == Pane(TOP, LEFT, HEIGHT, WIDTH)
    assert find_pane(slide, DEFAULTS.panes) is None
    gradient = np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))
    assert find_pane(gradient, DEFAULTS.panes) is None
    box = gradient.copy()
    box[40:200, 40:340] = 240
    assert find_pane(box, DEFAULTS.panes) is None


def test_a_pane_with_some_noise_is_found() -> None:
    picture = in_viewer(draw_page(DECK[0]), 3).astype(np.int16)
    noisy = np.clip(picture + np.random.default_rng(1).integers(-4, 5, picture.shape), 0, 255).astype(np.uint8)
    assert find_pane(noisy, DEFAULTS.panes) == Pane(TOP, LEFT, HEIGHT, WIDTH)


def test_squared_paper_is_a_pane() -> None:
    window = in_viewer(draw_page(DECK[0]), 3)
    window[TOP + 14 :: 22, LEFT:] = 170
    window[TOP:, LEFT + 20 :: 48] = 170
    pane = find_pane(window, DEFAULTS.panes)
    assert pane is not None
    assert pane.resembles(Pane(TOP, LEFT, HEIGHT, WIDTH), 0.95)


def test_a_pane_that_becomes_wider_as_a_list_is_closed_is_not_common() -> None:
    pane = Pane(TOP, LEFT, HEIGHT, WIDTH)
    assert common_pane((pane, Pane(TOP + 2, LEFT, HEIGHT, WIDTH)), DEFAULTS.panes) == Pane(TOP + 2, LEFT, HEIGHT, WIDTH)
    assert common_pane((pane, Pane(TOP, LEFT - 40, HEIGHT, WIDTH)), DEFAULTS.panes) is None
    assert common_pane((pane, None), DEFAULTS.panes) is None


def in_busy_viewer(slide: GrayImage, number: int) -> GrayImage:
    """Draw a viewer with a dense list of contents at the left, which has far more foreground than the slide."""
    window = in_viewer(slide, number)
    for row in range(29):
        write(window, f"{row}. abcdefghijkl"[: 12 + row % 5], 4, 46 + 8 * row, 0.3)
    return window


def test_two_pages_with_a_few_words_in_a_busy_window_are_two() -> None:
    title, outline = draw_page([], left=60), draw_page([])
    for picture, words in ((title, ["", "Map and reduce", "N. N."]), (outline, ["", "Two phases", "A proof"])):
        for line, text in enumerate(words):
            write(picture, text, 130, 80 + 40 * line, 0.5)
    spans = visits(detect([(in_busy_viewer(title, 1), 6.0), (in_busy_viewer(outline, 1), 6.0), (in_busy_viewer(title, 1), 6.0)]))
    assert spans == [[[0.0, 6.0], [12.0, 18.0]], [[6.0, 12.0]]]


def test_the_next_board_of_a_drawing_program_begins_with_its_empty_picture() -> None:
    boards = [["Queues", *["Put in at the end, and take out in front"] * 5], ["Stacks", *["On top of it, and from there again"] * 5]]
    frames = []
    for lines in boards:
        for count in (0, 2, 4, 6):
            window = in_viewer(draw_page(lines[:count]), 1)
            if count == 0:
                write(window, "New", 330, 34)  # a note of the program that goes again
            frames.append((window, 4.0))
    first, second = visits(detect(frames))
    assert (first, second) == ([[0.0, 16.0]], [[16.0, 32.0]])
