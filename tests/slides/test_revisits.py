"""A slide that is shown again, with a menu or another field; and numbers that change, which are other slides."""

from __future__ import annotations

from collections.abc import Sequence

import cv2

from services.slides.decoder import GrayImage
from tests.slides.sequences import beside_participants, detect, draw_page, visits

EDITOR = draw_page(
    ["Editor", "File  Edit  View  Insert", "The first paragraph of a text", "goes on in its second line", "and ends with the third"]
)
OTHER = 255 - draw_page(["Results", "Throughput of the server", "Latency"], left=60)


def with_menu(page: GrayImage) -> GrayImage:
    picture = page.copy()
    cv2.rectangle(picture, (370, 5), (450, 50), 60, -1)
    cv2.putText(picture, "Pause", (385, 32), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 230, 1, cv2.LINE_AA)
    return picture


def count(value: int) -> GrayImage:
    return draw_page(["Step of the algorithm", "The value of the counter is", f"k = {value}"])


def test_a_menu_that_is_open_at_the_second_visit_makes_no_other_page() -> None:
    frames = [(EDITOR, 6.0), (OTHER, 6.0), (with_menu(EDITOR), 6.0)]
    assert visits(detect(frames)) == [[[0.0, 6.0], [12.0, 18.0]], [[6.0, 12.0]]]


def with_field(page: GrayImage, text: str, is_focused: bool) -> GrayImage:
    """Draw a form's field below the page: framed boldly if it is focused."""
    picture = page.copy()
    cv2.rectangle(picture, (30, 206), (190, 228), 60 if is_focused else 225, 2 if is_focused else 1)
    cv2.putText(picture, text, (38, 221), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 25, 1, cv2.LINE_AA)
    return picture


def test_a_field_that_is_left_empty_at_the_second_visit_makes_no_other_page() -> None:
    focused, left = with_field(EDITOR, "so many words are typed", True), with_field(EDITOR, "Say it in", False)
    assert visits(detect([(focused, 6.0), (OTHER, 6.0), (left, 6.0)])) == [[[0.0, 6.0], [12.0, 18.0]], [[6.0, 12.0]]]


def table(heading: str, top: int = 30) -> GrayImage:
    """Draw a table that fills the slide, under a heading."""
    picture = draw_page([])
    cv2.putText(picture, heading, (30, top), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 25, 1, cv2.LINE_AA)
    for row in range(9):
        cv2.putText(
            picture,
            f"{row + 3}0 samples, error {97 - 8 * row} of {1200 + 77 * row}, time {5 * row} ms",
            (30, 60 + 23 * row),
            cv2.FONT_HERSHEY_SIMPLEX,
            0.5,
            25,
            1,
            cv2.LINE_AA,
        )
    return picture


def with_menu_bar(picture: GrayImage, clock: str) -> GrayImage:
    shown = picture.copy()
    shown[:18] = 225
    for text, left in (("Files  Edit  View  Insert  Format  Tools  Window  Help", 8), (clock, 420)):
        cv2.putText(shown, text, (left, 13), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 25, 1, cv2.LINE_AA)
    return shown


def test_a_table_under_another_heading_is_another_slide() -> None:
    frames = [
        (table("The rule of trapezoids"), 6.0),
        (OTHER, 6.0),
        (table("The rule of Simpson"), 6.0),
        (OTHER, 6.0),
        (table("The rule of trapezoids"), 6.0),
    ]
    assert visits(detect(frames)) == [[[0.0, 6.0], [24.0, 30.0]], [[6.0, 12.0], [18.0, 24.0]], [[12.0, 18.0]]]
    assert len(detect([(table("The rule of trapezoids"), 6.0), (table("The rule of Simpson"), 6.0)]).pages) == 2


def test_a_number_that_is_added_at_the_second_visit_is_in_the_picture() -> None:
    earlier, pointed = (table("The rule of Simpson", top=36) for _ in range(2))
    cv2.arrowedLine(pointed, (438, 158), (430, 150), 25, 2, tipLength=0.6)
    later = earlier.copy()
    cv2.putText(later, "12 s", (430, 152), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 25, 1, cv2.LINE_AA)
    assert detect([(earlier, 6.0), (OTHER, 6.0), (later, 6.0)]).pages[0].best_frame.time_s > 12.0
    assert detect([(earlier, 6.0), (OTHER, 6.0), (pointed, 6.0)]).pages[0].best_frame.time_s < 6.0


def test_a_window_with_another_name_or_a_clock_above_its_content_is_the_same() -> None:
    earlier, later = (with_menu_bar(table(name, top=36), clock) for name, clock in (("My first draft", "10:01"), ("A later text", "10:02")))
    assert visits(detect([(earlier, 6.0), (OTHER, 6.0), (later, 6.0)])) == [[[0.0, 6.0], [12.0, 18.0]], [[6.0, 12.0]]]


def test_a_glimpse_of_a_slide_with_a_button_over_it_is_not_its_picture() -> None:
    overlaid = EDITOR.copy()
    cv2.rectangle(overlaid, (380, 170), (420, 250), 30, -1)
    page = detect([(EDITOR, 6.0), (OTHER, 6.0), (overlaid, 1.0), (OTHER, 6.0)]).pages[0]
    assert len(page.spans) == 2
    assert page.best_frame.time_s < 6.0


def test_a_menu_that_opens_and_closes_belongs_to_the_slide() -> None:
    assert len(detect([(EDITOR, 6.0), (with_menu(EDITOR), 8.0), (EDITOR, 6.0)]).pages) == 1


def test_numbers_that_changed_one_after_another_stay_pages_when_shown_again() -> None:
    frames = [(count(12), 6.0), (count(13), 6.0), (OTHER, 6.0), (count(14), 6.0), (OTHER, 6.0), (count(13), 6.0)]
    assert len(detect(frames).pages) == 4


def agenda(item: int) -> GrayImage:
    """Draw a list on which one item has a dark bar, small, beside participants of a meeting."""
    slide = draw_page(["Part"])
    for number in range(4):
        top = 80 + 45 * number
        if number == item:
            cv2.rectangle(slide, (20, top), (330, top + 34), 60, 3)
            cv2.putText(slide, "Now this item", (60, top + 24), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 25, 1, cv2.LINE_AA)
    return beside_participants(slide)


def test_slides_that_frame_an_item_after_the_other_beside_participants_have_a_page_each() -> None:
    frames = [(agenda(item), 6.0) for item in (0, 1, 2, 1)]
    assert visits(detect(frames)) == [[[0.0, 6.0]], [[6.0, 12.0], [18.0, 24.0]], [[12.0, 18.0]]]


def ruled_paper(lines: Sequence[str], spacing: int, top: int = 70) -> GrayImage:
    """Draw paper with a line every `spacing` rows; the lines may be more foreground than what is written on it."""
    paper = draw_page([])
    paper[::spacing] = 190
    for number, text in enumerate(lines):
        cv2.putText(paper, text, (40, top + 50 * number), cv2.FONT_HERSHEY_SCRIPT_SIMPLEX, 0.9, 25, 2, cv2.LINE_AA)
    return paper


SHEETS = [
    ["Half of it all", "and a quarter", "and so on"],
    ["An example", "seven ninths", "are 0.777"],
    ["The general case", "is a quotient", "of two numbers"],
]


def test_the_next_empty_sheet_of_paper_is_another_page() -> None:
    frames = [(ruled_paper(lines[:count], 40), 5.0) for lines in SHEETS for count in range(len(lines) + 1)]
    frames += [(OTHER, 5.0), (ruled_paper(SHEETS[1], 40), 5.0)]
    assert visits(detect(frames)) == [[[0.0, 20.0]], [[20.0, 40.0], [65.0, 70.0]], [[40.0, 60.0]], [[60.0, 65.0]]]


def test_sheets_that_begin_as_the_same_empty_paper_have_a_page_each() -> None:
    frames = []
    for top, lines in zip((50, 70, 90), SHEETS, strict=True):
        frames += [(ruled_paper(lines[:count], 12, top), 5.0) for count in range(len(lines) + 1)]
        frames.append((OTHER, 5.0))
    assert [page[0] for page in visits(detect(frames))] == [[0.0, 20.0], [20.0, 25.0], [25.0, 45.0], [50.0, 70.0]]


def console(lines: int) -> GrayImage:
    picture = draw_page([])
    for line in range(lines):
        text = f"$ run {line} --fast: {7 * line} items in {13 * line % 10} s, all of them sorted"
        cv2.putText(picture, text, (10, 24 + 16 * line), cv2.FONT_HERSHEY_PLAIN, 0.8, 25, 1, cv2.LINE_AA)
    return picture


def test_a_console_that_has_grown_in_the_meantime_is_the_same() -> None:
    page, _ = detect([(console(6), 6.0), (OTHER, 6.0), (console(9), 6.0)]).pages
    assert len(page.spans) == 2
    assert page.best_frame.time_s > 12.0


def test_a_slide_that_steps_back_before_it_goes_is_known_in_its_full_state_too() -> None:
    bare, full = table("A rule", top=36)[:, :400], table("A rule", top=36)
    before = draw_page([])
    before[:, :400] = bare
    frames = [(before, 5.0), (full, 6.0), (before, 1.0), (OTHER, 6.0), (full, 5.0)]
    assert visits(detect(frames)) == [[[0.0, 12.0], [18.0, 23.0]], [[12.0, 18.0]]]
