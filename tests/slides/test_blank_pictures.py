"""Black or empty time belongs to no page: before the first slide, between two slides, and before one that is written."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from tests.slides.sequences import PAPER, detect, draw_page

Frames = list[tuple[GrayImage, float]]

BLACK = draw_page([], paper=0)
EMPTY = draw_page([])
TEXTS = (
    ["Description", "Is there an association", "between grade level", "and experience"],
    ["Design", "Sent out a survey", "to a list of addresses", "Irrelevant questions"],
    ["Flaws", "Few answers", "of a list that is no sample"],
)
WRITTEN = [draw_page(lines, paper=0, text_level=235) for lines in TEXTS]
ON_PAPER = [draw_page(lines) for lines in TEXTS]


def write(ground: GrayImage, page: GrayImage, steps_per_line: int = 2) -> Frames:
    """Draw a page as it is written, line after line, one step a sample."""
    frames, picture = [], ground.copy()
    for top, bottom in ((0, 70), (70, 100), (100, 130), (130, 160)):
        for step in range(1, steps_per_line + 1):
            edge = 20 + 260 * step // steps_per_line
            picture = picture.copy()
            picture[top:bottom, :edge] = page[top:bottom, :edge]
            frames.append((picture, 0.25))
    return frames


def fade_out(page: GrayImage) -> Frames:
    return [(np.asarray(cv2.addWeighted(page, 1 - share, BLACK, share, 0), np.uint8), 0.25) for share in (0.3, 0.6)]


def spans(frames: Frames) -> list[list[float]]:
    return [span for page in detect(frames).pages for span in page.spans]


@pytest.mark.parametrize("black_s", [0.5, 1.5, 5.0])
def test_black_between_written_slides_belongs_to_none_of_them(black_s: float) -> None:
    frames: Frames = []
    times = []  # writing begins, the slide is complete, it begins to fade
    for page in WRITTEN:
        begin_s = sum(seconds for _, seconds in frames)
        times.append((begin_s, begin_s + 2.0, begin_s + 5.0))
        frames += [*write(BLACK, page), (page, 3.0), *fade_out(page), (BLACK, black_s)]
    found = spans(frames)
    assert all(begin_s < start < shown_s + 0.3 for (start, _), (begin_s, shown_s, _) in zip(found, times, strict=True))
    assert [end for _, end in found] == pytest.approx([end_s for _, _, end_s in times], abs=0.3)


def test_a_title_that_stands_for_a_second_before_empty_time_has_a_page() -> None:
    title, first, last = draw_page(["Surveys"], left=150), draw_page(["Agenda", "Method", "Results"]), 255 - ON_PAPER[1]
    frames = [(first, 5.0), (title, 1.25), (EMPTY, 1.25), (last, 5.0)]
    assert len(spans(frames)) == 3


def test_written_slides_that_stand_for_a_second_have_a_page_each() -> None:
    frames = [each for page in WRITTEN for each in (*write(BLACK, page), (page, 1.0), *fade_out(page), (BLACK, 0.5))]
    first, last = draw_page(["Agenda", "Method", "Results"]), draw_page(["Sources", "Two surveys"], left=60)
    assert len(spans([(first, 5.0), *frames, (last, 5.0)])) == 5


def test_a_slide_that_fades_in_from_black_begins_when_it_is_shown() -> None:
    fade_in = [*reversed(fade_out(ON_PAPER[0]))]
    assert spans([(BLACK, 0.25), *fade_in, (ON_PAPER[0], 6.0), (ON_PAPER[1], 6.0)])[0] == pytest.approx([0.75, 6.75], abs=0.3)


def test_black_before_a_title_that_is_written_does_not_belong_to_it() -> None:
    assert spans([(BLACK, 20.0), *write(BLACK, WRITTEN[0]), (WRITTEN[0], 6.0)])[0][0] == pytest.approx(21.0, abs=1.0)


@pytest.mark.parametrize(("empty_s", "start_s"), [(1.25, 8.0), (20.0, 28.0)])
def test_a_board_belongs_to_what_is_written_on_it_only_if_the_writing_begins_soon(empty_s: float, start_s: float) -> None:
    written = ON_PAPER[1]
    frames = [(ON_PAPER[0], 8.0), (EMPTY, empty_s), *write(EMPTY, written, 5), (written, 6.0)]
    assert spans(frames)[1][0] == pytest.approx(start_s, abs=0.6)


def test_a_moment_of_black_does_not_divide_a_visit_and_does_not_end_it() -> None:
    frames = [(ON_PAPER[0], 6.0), (BLACK, 0.5), (ON_PAPER[0], 6.0), (255 - ON_PAPER[1], 6.0)]
    assert spans(frames)[0] == pytest.approx([0.0, 12.5], abs=0.3)


@pytest.mark.parametrize(("ground", "outline"), [(BLACK, 255), (EMPTY, 0)])
def test_a_blank_screen_with_a_pointer_is_no_page(ground: GrayImage, outline: int) -> None:
    with_pointer = ground.copy()
    corners = np.array([(300, 150), (300, 159), (302, 157), (304, 161), (306, 160), (304, 156), (307, 156)], np.int32)
    cv2.fillPoly(with_pointer, [corners], 255 - outline)
    cv2.polylines(with_pointer, [corners], True, outline, 1, cv2.LINE_AA)
    assert spans([(ON_PAPER[0], 6.0), (with_pointer, 6.0), (ON_PAPER[1], 6.0)]) == [
        pytest.approx([0, 6], abs=0.3),
        pytest.approx([12, 18], abs=0.3),
    ]


def test_the_black_screen_at_the_end_of_a_slide_show_is_no_page() -> None:
    end = BLACK.copy()
    cv2.putText(end, "End of slide show, click to exit.", (140, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.35, 230, 1, cv2.LINE_AA)
    title = draw_page(["Thanks"], paper=0, text_level=235)
    assert len(spans([(ON_PAPER[0], 6.0), (end, 6.0), (title, 6.0)])) == 2
    assert len(spans([(ON_PAPER[0], 6.0), (end, 6.0)])) == 1


def test_a_page_with_one_figure_is_a_page() -> None:
    with_figure = EMPTY.copy()
    cv2.putText(with_figure, "7", (220, 150), cv2.FONT_HERSHEY_SIMPLEX, 1.2, 20, 2, cv2.LINE_AA)
    assert len(spans([(ON_PAPER[0], 6.0), (with_figure, 6.0), (ON_PAPER[1], 6.0)])) == 3


def test_a_clip_that_plays_until_the_slide_changes_does_not_end_its_visit() -> None:
    rng = np.random.default_rng(3)
    scenes = [cv2.resize(rng.integers(60, 200, (6, 8), np.uint8), (200, 120), interpolation=cv2.INTER_CUBIC) for _ in range(3)]

    def with_clip(scene: int) -> GrayImage:
        page = ON_PAPER[0].copy()
        page[120:240, 240:440] = scenes[scene]
        return page

    playing = [(with_clip(step // 10 % 3), 0.25) for step in range(24)]
    frames = [(with_clip(0), 6.0), *playing, (np.full_like(EMPTY, PAPER - 20), 0.5), (ON_PAPER[1], 6.0)]
    assert spans(frames)[0][1] == pytest.approx(12.0, abs=0.6)
