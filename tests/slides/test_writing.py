"""Slides that an animation writes: they are written in the same places, stand for a second or two, are transformed, and fade."""

from __future__ import annotations

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from services.slides.parameters import DEFAULTS
from services.slides.writing import is_gradual
from tests.slides.sequences import SIZE, detect, draw_page, reveal

Frames = list[tuple[GrayImage, float]]

BLACK = np.zeros(SIZE[::-1], np.uint8)
STEP_S = 0.25
TEXTS = (
    ["Description", "Is there an association", "between grade level", "and experience"],
    ["Design", "Sent out a survey", "to a list of addresses", "Irrelevant questions"],
    ["Flaws", "Few answers", "of a list that is no sample", "of all the students"],
    ["Method", "A test of independence", "with expected counts", "in every cell"],
    ["Result", "The statistic is small", "and the p-value large", "for five degrees"],
    ["Summary", "No evidence was found", "for an association", "in this sample"],
)
PAGES = [draw_page(lines, paper=0, text_level=235) for lines in TEXTS]
LINES = ((0, 70), (70, 100), (100, 130), (130, 160))


def write(page: GrayImage, steps_per_line: int = 3, ground: GrayImage = BLACK, lines: tuple[tuple[int, int], ...] = LINES) -> Frames:
    """Draw the lines of a page one after another, a step a sample."""
    frames, picture = [], ground
    for top, bottom in lines:
        for step in range(1, steps_per_line + 1):
            edge = 20 + 260 * step // steps_per_line
            picture = picture.copy()
            picture[top:bottom, :edge] = page[top:bottom, :edge]
            frames.append((picture, STEP_S))
    return frames


def fade_out(page: GrayImage) -> Frames:
    return [(np.asarray(cv2.addWeighted(page, 1 - share, BLACK, share, 0), np.uint8), STEP_S) for share in (0.4, 0.8)]


def duration_s(frames: Frames) -> float:
    return sum(seconds for _, seconds in frames)


@pytest.mark.parametrize("stands_s", [1.25, 1.75, 2.5])
def test_slides_written_and_faded_in_the_same_places_have_a_visit_each_that_starts_when_they_are_complete(stands_s: float) -> None:
    frames: Frames = []
    complete_s = []
    for page in PAGES:
        frames += write(page)
        complete_s.append(duration_s(frames))
        frames += [(page, stands_s), *fade_out(page), (BLACK, 0.5)]
    pages = detect(frames).pages
    assert [page.spans[0][0] for page in pages] == pytest.approx(complete_s, abs=1.0)
    assert all(0 <= page.best_frame.time_s - start_s < stands_s for page, start_s in zip(pages, complete_s, strict=True))


@pytest.mark.parametrize(("stands_s", "steps"), [(1.0, 4), (1.5, 6)])
def test_formulas_written_faded_and_erased_in_one_place_are_no_motion_of_the_picture(stands_s: float, steps: int) -> None:
    heading = draw_page([], paper=0)
    cv2.putText(heading, "Mechanics", (12, 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 120, 1, cv2.LINE_AA)
    frames: Frames = [(heading, 0.25)]
    complete_s = []
    for number, formula in enumerate(("F = m a", "p = m v", "E = mc c / 2", "W = F s", "P = W / t", "v = s / t", "Q = m c T")):
        page = heading.copy()
        cv2.putText(page, formula, (210 - 12 * len(formula), 140), cv2.FONT_HERSHEY_SIMPLEX, 1.6, 235, 3, cv2.LINE_AA)
        written = [np.where(np.arange(SIZE[0]) < 70 + 320 * step // steps, page, heading) for step in range(1, steps + 1)]
        faded = [np.asarray(cv2.addWeighted(page, 1 - share, heading, share, 0), np.uint8) for share in (0.3, 0.6, 0.9)]
        frames += [(picture, STEP_S) for picture in written]
        complete_s.append(duration_s(frames))
        frames += [(page, stands_s), *((picture, STEP_S) for picture in (faded if number % 2 else written[-2::-1]))]
    detection = detect(frames)
    assert [page.spans[0][0] for page in detection.pages] == pytest.approx(complete_s, abs=1.25)
    assert not detection.ignored


@pytest.mark.parametrize("flicker", [0, 7.5])
def test_written_slides_under_a_lamp_that_flickers_have_a_visit_each(flicker: float) -> None:
    frames: Frames = []
    complete_s = []
    for page in PAGES:
        frames += write(page)
        complete_s.append(duration_s(frames))
        frames += [*[(page, STEP_S)] * 6, *fade_out(page), *[(BLACK, STEP_S)] * 2]
    lit = [
        (np.clip(picture * 0.7 + 40 + flicker * np.sin(np.pi * number * STEP_S), 0, 255).astype(np.uint8), STEP_S)
        for number, (picture, _) in enumerate(frames)
    ]
    assert [page.spans[0][0] for page in detect(lit).pages] == pytest.approx(complete_s, abs=1.0)


def test_a_first_slide_that_is_written_beside_something_that_moves_starts_when_it_is_complete() -> None:
    def with_wheel(picture: GrayImage, number: int) -> GrayImage:
        picture = picture.copy()
        tip = (440 + round(24 * np.cos(0.4 * number)), 230 + round(24 * np.sin(0.4 * number)))
        cv2.line(picture, (440, 230), tip, 200, 6, cv2.LINE_AA)
        return picture

    lines = ["Association test", "Is there any association of", "the grade that students had", "with how they program today?"]
    page = draw_page(lines, paper=0, text_level=235)
    frames = write(page, 6)
    complete_s = duration_s(frames)
    frames += [(page, STEP_S)] * 40
    pages = detect([(with_wheel(picture, number), seconds) for number, (picture, seconds) in enumerate(frames)]).pages
    assert [page.spans[0][0] for page in pages] == pytest.approx([complete_s], abs=1.0)


def test_what_is_written_beside_a_presenter_does_not_hide_what_moves_on() -> None:
    def with_presenter(picture: GrayImage, number: int) -> GrayImage:
        picture = picture.copy()
        picture[170:, 360:] = 120
        cv2.ellipse(picture, (420 + round(14 * np.sin(0.4 * number)), 270), (26, 60), 0, 0, 360, 60 + number % 2 * 30, -1)
        return picture

    frames: Frames = []
    for page in PAGES:
        frames += [*write(page), *[(page, STEP_S)] * 10, *fade_out(page), *[(BLACK, STEP_S)] * 2]
    detection = detect([(with_presenter(picture, number), seconds) for number, (picture, seconds) in enumerate(frames)])
    assert len(detection.pages) == len(PAGES)
    (ignored,) = detection.ignored
    assert ignored[0] > 0.6 and ignored[1] > 0.5


def test_a_slide_that_is_written_slowly_starts_when_its_last_line_is_complete() -> None:
    frames = [*write(PAGES[0]), (PAGES[0], 3.0), *fade_out(PAGES[0]), (BLACK, 0.5)]
    lines = ["Association test", *["Is there any association of"] * 5, "p"]
    page = draw_page(lines, paper=0, text_level=235)
    frames += write(page, 4, BLACK, ((0, 70), *((70 + 28 * line, 98 + 28 * line) for line in range(6))))
    frames += [(page, STEP_S)] * 12
    complete_s = duration_s(frames) - 12 * STEP_S - 0.75
    assert detect(frames).pages[1].spans[0][0] == pytest.approx(complete_s, abs=0.5)


def test_a_written_table_that_stands_for_a_while_beside_something_that_moves_starts_before_its_last_line() -> None:
    frames = [*write(PAGES[0]), (PAGES[0], 3.0), *fade_out(PAGES[0]), (BLACK, 0.5)]
    table = PAGES[1]
    whole = table.copy()
    cv2.putText(whole, "p < 0.05", (60, 240), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 235, 1, cv2.LINE_AA)
    frames += write(table)
    complete_s = duration_s(frames)
    for number in range(9):
        picture = table.copy()
        tip = (420 + round(50 * np.cos(0.9 * number)), 190 + round(50 * np.sin(0.9 * number)))
        cv2.line(picture, (420, 190), tip, 200, 20, cv2.LINE_AA)
        frames.append((picture, STEP_S))
    frames += [*write(whole, 4, table, ((210, 270),)), (whole, 4.0)]
    pages = detect(frames).pages
    assert pages[1].spans[0][0] == pytest.approx(complete_s, abs=0.75)
    assert pages[1].best_frame.time_s > duration_s(frames) - 4.0


def test_a_slide_whose_title_stands_for_a_moment_starts_when_its_text_is_written() -> None:
    title_s = 0.75
    frames = [*write(PAGES[0]), (PAGES[0], 3.0), *fade_out(PAGES[0]), (BLACK, 0.5)]
    page = draw_page(["Design of a survey", *TEXTS[1][1:]], paper=0, text_level=235)
    title = page.copy()
    title[70:] = 0
    frames += [*write(page, 6, BLACK, LINES[:1]), (title, title_s), *write(page, 3, title, LINES[1:])]
    complete_s = duration_s(frames)
    frames += [(page, 3.0), *fade_out(page), (BLACK, 1.0)]
    assert detect(frames).pages[1].spans[0][0] == pytest.approx(complete_s, abs=1.0)


def test_what_is_written_for_long_started_with_its_first_parts() -> None:
    page = draw_page(["Proof", *(f"Step number {line} of a long proof" for line in range(7))], paper=0, text_level=235)
    lines = tuple((70 + 28 * line - 28, 70 + 28 * line) for line in range(1, 8))
    frames = [*write(PAGES[0]), (PAGES[0], 3.0), *fade_out(PAGES[0]), (BLACK, 0.5)]
    begin_s = duration_s(frames)
    frames += write(page, 4, BLACK, ((0, 70),))
    frames += [each for frame in write(page, 6, frames[-1][0], lines) for each in (frame, frame)]
    frames += [(page, 4.0)]
    assert detect(frames).pages[1].spans[0][0] < begin_s + 3.0


def transform(before: str, after: str, steps: int) -> Frames:
    """Move the signs of a formula under the text of a page to their new places."""
    frames = []
    for step in range(1, steps + 1):
        picture = PAGES[1].copy()
        share = step / steps
        for number, (old, new) in enumerate(zip(before, after, strict=True)):
            sign, left = (new, 60 + 15 * number) if share == 1 else (old, 60 + round(15 * number + 14 * share))
            cv2.putText(picture, sign, (left, 220 + round(10 * np.sin(np.pi * share))), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 235, 1, cv2.LINE_AA)
        frames.append((picture, STEP_S))
    return frames


@pytest.mark.parametrize(("steps", "pages"), [(3, 1), (4, 1), (1, 2)])
def test_a_formula_that_is_transformed_is_a_state_of_its_written_slide_and_one_that_is_exchanged_at_once_is_not(
    steps: int, pages: int
) -> None:
    before, after = "p = E / (T) - x", "9 : 22 = 41 + y"
    (first, _), (last, _) = transform(before, before, 1)[0], transform(before, after, 1)[0]
    frames = [*write(PAGES[1]), (first, 4.0), *transform(before, after, steps), (last, 4.0), *fade_out(last), (BLACK, 0.5)]
    found = detect(frames).pages
    assert len(found) == pages
    assert found[-1].best_frame.time_s > 7.0


def draw_large(word: str) -> GrayImage:
    page = BLACK.copy()
    for number in range(6):
        text = f"{word} number {number} of them"
        cv2.putText(page, text, (4, 38 + 44 * number), cv2.FONT_HERSHEY_SIMPLEX, 1.25, 235, 3, cv2.LINE_AA)
    return page


def test_a_slide_that_is_still_written_when_the_recording_ends_has_a_page() -> None:
    claims, proofs = draw_large("Claims"), draw_large("Proofs")
    frames = [(claims, 4.0), *fade_out(claims), (BLACK, 0.5)]
    for number in range(6):
        for edge in (SIZE[0] // 2, SIZE[0]):
            picture = frames[-1][0].copy()
            picture[44 * number : 44 * number + 44, :edge] = proofs[44 * number : 44 * number + 44, :edge]
            frames.append((picture, STEP_S))
    pages = detect(frames).pages
    assert len(pages) == 2
    assert duration_s(frames) - pages[1].best_frame.time_s <= 2 * STEP_S


@pytest.mark.parametrize("steps_per_line", [1, 2])
def test_a_written_slide_does_not_start_with_the_glimpse_before_it(steps_per_line: int) -> None:
    heading = draw_page(["Theorem of the lecture"], paper=0, text_level=235)
    lines = [*TEXTS[1][1:], "with other words in it", "that are written here"]
    glimpse, page = (np.maximum(heading, draw_page(["", *text], paper=0, text_level=235)) for text in (["", "", "", "and so on"], lines))
    heights = tuple((top, top + 30) for top in range(70, 220, 30))
    frames = [(PAGES[0], 6.0), (glimpse, 1.0), *write(page, steps_per_line, heading, heights)]
    starts_s = [each.spans[0][0] for each in detect([*frames, (page, 5.0)]).pages]
    assert starts_s == pytest.approx([0.0, duration_s(frames)], abs=1.0)


@pytest.mark.parametrize(("shown_s", "gradual"), [([18.4] * 95 + [20.5] * 5, False), (np.linspace(17.4, 18.4, 100), True)])
def test_a_cut_that_is_refined_at_the_next_sample_is_no_writing(shown_s: Sequence[float], gradual: bool) -> None:
    blocks = np.ones((10, 10), np.bool_)
    shown = np.array(shown_s, np.float32).reshape(blocks.shape)
    frame: Any = SimpleNamespace(last_strong_motion_s=shown, burst_start_s=shown - 0.24)
    assert is_gradual(frame, blocks, DEFAULTS.writing) is gradual


def test_a_sheet_is_shown_since_it_was_empty() -> None:
    """Words spoken while the sheet is still empty, or is being written, belong to it."""
    empty = draw_page([""])
    first = draw_page(["Sorting", "Compare two elements", "Exchange them", "until none is left"])
    title, second = draw_page(["Searching"]), draw_page(["Searching", "Halve the interval", "Go on in one half"])
    written = [*reveal(empty, title, 12), (title, 2.0), *reveal(title, second, 12)]
    pages = detect([(first, 8.0), (empty, 0.5), *written, (second, 8.0)]).pages
    assert [page.spans[0][0] for page in pages] == pytest.approx([0, 8], abs=0.6)


def test_a_slide_that_follows_a_notice_does_not_begin_with_it() -> None:
    notice = draw_page(["", "", "", "Ada has started to share the screen"], 120)
    slides = [draw_page([heading, "Compare two elements", "Exchange them", "and go on"]) for heading in ("Sorting", "Searching")]
    starts = [page.spans[0][0] for page in detect([(notice, 1.25), (slides[0], 8.0), (slides[1], 8.0)]).pages]
    assert starts[-2:] == pytest.approx([1.25, 9.25], abs=0.6)
