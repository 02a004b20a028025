"""Boxes in front of a slide, such as toolbars and windows, and clocks in the bars of a screen."""

from __future__ import annotations

import cv2
import pytest

from services.slides.decoder import GrayImage
from tests.slides.sequences import PAPER, detect, draw_page, visits

SLIDE = draw_page(
    ["Recruiting", "How people find work", "Interviews and tests", "Three offers", "Questions, please ask", "Thanks to all of you"]
)
OTHER = 255 - draw_page(["Results", "Throughput of the server", "Latency"], left=60)


def with_box(page: GrayImage, left: int, top: int, width: int, height: int, text: str) -> GrayImage:
    picture = page.copy()
    cv2.rectangle(picture, (left, top), (left + width, top + height), 60, -1)
    cv2.putText(picture, text, (left + 10, top + height // 2 + 5), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 230, 1, cv2.LINE_AA)
    return picture


def with_terminal(page: GrayImage, width: int, height: int, lines: int) -> GrayImage:
    """Draw a window with a title bar, as light as the page."""
    picture = page.copy()
    left, top = 40, 30
    cv2.rectangle(picture, (left, top), (left + width, top + height), 70, 1)
    cv2.rectangle(picture, (left + 1, top + 1), (left + width - 1, top + 12), 150, -1)
    picture[top + 13 : top + height, left + 1 : left + width] = PAPER
    for line in range(lines):
        cv2.putText(picture, f"$ ls -l /etc/{line}", (left + 6, top + 28 + 14 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 20, 1, cv2.LINE_AA)
    return picture


def with_clock(page: GrayImage, time: str) -> GrayImage:
    picture = page.copy()
    picture[:10] = 0
    cv2.putText(picture, time, (430, 9), cv2.FONT_HERSHEY_SIMPLEX, 0.35, 255, 1, cv2.LINE_AA)
    return picture


def test_a_toolbar_that_goes_shows_the_same_slide() -> None:
    with_toolbar = with_box(SLIDE, 20, 192, 300, 30, "Slide 1   Pointer   Exit")
    assert visits(detect([(OTHER, 6.0), (with_toolbar, 6.0), (SLIDE, 6.0)])) == [[[0.0, 6.0]], [[6.0, 18.0]]]


def test_the_first_toolbar_that_makes_way_for_a_line_of_the_slide_does_not_divide_it() -> None:
    slide = draw_page(["Recruiting", "How people find work", "Interviews and tests of the candidates", "Three offers, and more", "Thanks"])
    with_toolbar = slide.copy()
    with_toolbar[128:156, 25:325] = PAPER
    cv2.putText(with_toolbar, "Pointer  Exit", (35, 147), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 25, 1, cv2.LINE_AA)
    assert visits(detect([(with_toolbar, 6.0), (slide, 6.0)])) == [[[0.0, 12.0]]]


def test_a_note_that_comes_with_the_slide_and_goes_soon_is_no_page() -> None:
    title = draw_page(["Recruiting", "Second lecture"])
    with_note = with_box(title, 180, 190, 150, 30, "Press Esc to exit")
    pages = detect([(OTHER, 6.0), (with_note, 3.0), (title, 6.0), (OTHER, 4.0)]).pages
    assert len(pages) == 2
    assert pages[1].best_frame.time_s >= 9.0


def test_a_figure_that_stands_is_on_the_picture_though_it_goes() -> None:
    title = draw_page(["Recruiting", "Second lecture"])
    pages = detect([(OTHER, 6.0), (with_box(title, 180, 190, 150, 30, "A figure"), 8.0), (title, 6.0)]).pages
    assert pages[1].best_frame.time_s < 14.0


@pytest.mark.parametrize("after", [SLIDE, OTHER])
def test_a_window_over_much_of_the_slide_for_some_seconds_is_no_page(after: GrayImage) -> None:
    with_window = with_box(SLIDE, 80, 60, 220, 140, "Calculator")
    pages = detect([(SLIDE, 6.0), (with_window, 3.0), (after, 6.0)]).pages
    assert len(pages) == (1 if after is SLIDE else 2)
    assert not 6.0 <= pages[0].best_frame.time_s < 9.0


@pytest.mark.parametrize(("width", "height"), [(400, 220), (230, 160), (180, 140)])
def test_a_window_in_front_of_the_slide_that_stays_is_another_page(width: int, height: int) -> None:
    terminal = [(with_terminal(SLIDE, width, height, lines), 3.0) for lines in (2, 4, 6, 8)]
    found = visits(detect([(SLIDE, 6.0), *terminal, (SLIDE, 4.0), (OTHER, 6.0)]))
    assert found == [[[0.0, 6.0], [18.0, 22.0]], [[6.0, 18.0]], [[22.0, 28.0]]]


def with_messages(count: int) -> GrayImage:
    """Draw a form with a button, a list of messages below it, and much else on the page."""
    form = draw_page(["Your message", "", "", "", *("Hello, fellow humans", "Test", "Hi")[:count]])
    for line in range(16):
        cv2.putText(form, "Documentation of the server", (280, 30 + 15 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 30, 1, cv2.LINE_AA)
    cv2.rectangle(form, (30, 70), (260, 92), 90, 1)
    cv2.rectangle(form, (36, 98), (140, 122), 60, 1)
    cv2.putText(form, "Send it now", (40, 115), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 60, 1, cv2.LINE_AA)
    return form


def with_suggestions(form: GrayImage) -> GrayImage:
    picture = form.copy()
    cv2.rectangle(picture, (30, 93), (150, 126), 60, 1)
    picture[94:126, 31:150] = PAPER
    for number, text in enumerate(("Hello, world, hello", "Hello, fellow humans", "Hello, everybody")):
        cv2.putText(picture, text, (33, 103 + 10 * number), cv2.FONT_HERSHEY_SIMPLEX, 0.32, 0, 1, cv2.LINE_AA)
    return picture


def test_a_list_of_suggestions_over_a_form_does_not_become_its_picture() -> None:
    form = with_messages(2)
    pages = detect([(form, 6.0), (OTHER, 6.0), (with_suggestions(form), 6.0), (OTHER, 4.0), (with_messages(3), 6.0), (OTHER, 4.0)]).pages
    assert len(pages) == 2
    assert 22.0 <= pages[0].best_frame.time_s < 28.0


def test_what_vanishes_just_before_the_end_is_on_the_picture() -> None:
    form = with_messages(3)
    without_button = form.copy()
    without_button[96:124, 28:152] = PAPER
    pages = detect([(OTHER, 6.0), (form, 6.0), (without_button, 1.25)]).pages
    assert len(pages) == 2
    assert pages[1].best_frame.time_s < 12.0


def test_a_figure_that_makes_way_for_text_is_another_slide() -> None:
    title = draw_page(["Recruiting"])
    assert len(detect([(with_box(title, 40, 80, 300, 150, "A chart"), 6.0), (SLIDE, 6.0)]).pages) == 2


def test_a_clock_in_the_menu_bar_tells_no_slides_apart() -> None:
    times = ("10:41", "10:42", "10:43")
    assert len(detect([(with_clock(SLIDE, time), 8.0) for time in times]).pages) == 1
    assert len(detect([(with_clock(page, time), 8.0) for page, time in zip((SLIDE, OTHER, SLIDE), times, strict=True)]).pages) == 2


def test_a_clock_in_the_menu_bar_below_a_black_bar_tells_no_slides_apart() -> None:
    def letterboxed(page: GrayImage) -> GrayImage:
        return cv2.copyMakeBorder(page, 45, 45, 0, 0, cv2.BORDER_CONSTANT, value=0)  # type: ignore[return-value]

    times = ("10:41", "10:42", "10:43", "10:44")
    pages = (SLIDE, OTHER, SLIDE, SLIDE)
    frames = [(letterboxed(with_clock(page, time)), 8.0) for page, time in zip(pages, times, strict=True)]
    assert visits(detect(frames)) == [[[0.0, 8.0], [16.0, 32.0]], [[8.0, 16.0]]]


def test_a_bar_that_changes_its_colours_tells_no_slides_apart() -> None:
    outline = (40, 60), (112, 80)
    page = draw_page(["Recruiting", "", "How people find work", "Interviews and tests", "Three offers"])
    for left in (60, 90):
        cv2.line(page, (left, 74), (left, 90), 60, 2)  # tabs
    light, dark = page.copy(), page.copy()
    for picture, thickness, text_level in ((light, 1, 60), (dark, -1, 245)):
        cv2.rectangle(picture, *outline, 60, thickness)
        for left in range(44, 108, 10):
            cv2.rectangle(picture, (left, 64), (left + 3, 71), text_level, -1)
    assert len(detect([(dark, 8.0), (light, 8.0)]).pages) == 1


def test_a_tooltip_shown_just_before_the_slide_is_left_is_not_on_its_image() -> None:
    page = draw_page(["Recruiting", "How people find work", "Interviews and tests"])
    with_tooltip = with_box(page, 300, 180, 150, 30, "Start presentation")
    visit_before, visit_after = [(page, 12.0), (with_tooltip, 1.0), (OTHER, 8.0)], [(page, 6.0)]
    assert detect([*visit_before, *visit_after]).pages[0].best_frame.time_s < 12.0
    assert detect([*visit_before, (with_tooltip, 6.0)]).pages[0].best_frame.time_s > 12.0


def test_a_line_added_just_before_the_slide_is_left_is_on_its_image() -> None:
    page, with_line = (draw_page(["Recruiting", "How people find work", "Interviews and tests", "Offers"][:count]) for count in (3, 4))
    pages = detect([(page, 12.0), (with_line, 1.0), (OTHER, 8.0), (page, 6.0)]).pages
    assert 12.0 < pages[0].best_frame.time_s < 13.0


def in_window(page: GrayImage, has_focus: bool) -> GrayImage:
    """Draw the frame of a browser's window above a page; without the focus it is lighter."""
    picture = page.copy()
    ground, text = (30, 235) if has_focus else (120, 200)
    cv2.rectangle(picture, (0, 0), (480, 24), ground, -1)
    cv2.rectangle(picture, (60, 10), (420, 22), 15, -1)
    for number, tab in enumerate(("Lecture 7", "Mail", "Timetable")):
        cv2.putText(picture, tab, (10 + 90 * number, 8), cv2.FONT_HERSHEY_SIMPLEX, 0.3, text, 1, cv2.LINE_AA)
    cv2.putText(picture, "lectures.example.org/databases/7", (66, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.3, 190, 1, cv2.LINE_AA)
    return picture


def test_a_window_that_gets_the_focus_shows_the_same_page() -> None:
    page = draw_page(["", "Hash tables", "Collisions and chains", "Open addressing", "Load factor", "Exercise"])
    assert len(detect([(in_window(page, False), 5.0), (in_window(page, True), 8.0)]).pages) == 1


def with_contents(slide: GrayImage) -> GrayImage:
    """Draw a list of contents beside the slide, which stays."""
    picture = slide.copy()
    for row in range(26):
        cv2.putText(picture, f"{row}. Contents of it", (372, 12 + 10 * row), cv2.FONT_HERSHEY_PLAIN, 0.7, 25, 1, cv2.LINE_AA)
    return picture


def test_a_full_slide_between_two_visits_of_a_sparse_one_is_no_window_in_front_of_it() -> None:
    sparse = draw_page(["Stones"])
    full = draw_page(["Stones", *(f"{line}. It says what the writing means" for line in range(1, 8))])
    sparse[56:262, 12:350] = 220
    cv2.circle(sparse, (180, 160), 60, 205, -1)
    frames = [(with_contents(slide), 8.0) for slide in (sparse, full, sparse)]
    assert visits(detect(frames)) == [[[0.0, 8.0], [16.0, 24.0]], [[8.0, 16.0]]]
