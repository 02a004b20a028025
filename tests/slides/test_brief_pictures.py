"""Pictures that stand for about a second: final states between animations, slides that are stepped through, glimpses."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import PAPER, detect, detect_sparse, draw_page, reveal, visits

BLANK = draw_page([])
GRAPH = draw_page(["Graphs", "Vertices and edges", "Degrees of a vertex"])
TREES = draw_page(["Trees", "Connected without cycles", "Leaves and roots", "Spanning trees"], left=60)
TREES_BEFORE = draw_page(["Trees", "Connected without cycles", "Leaves and roots"], left=60)
FLOWS = draw_page(["Flows", "Capacity of an edge", "Cuts"], left=45)


def test_a_final_state_between_two_animations_is_kept() -> None:
    full_page = draw_page(["Trees", "Connected without cycles", "Leaves and roots", "Spanning trees", "Cayley's formula", "Proof"], left=60)
    frames = [(GRAPH, 6.0), *reveal(GRAPH, TREES, 5), (TREES, 1.5), *reveal(TREES, full_page, 3), (full_page, 0.75)]
    pages = detect([*frames, *reveal(full_page, FLOWS, 5), (FLOWS, 6.0)]).pages
    assert len(pages) == 3
    final_s = 6.0 + 5 * 0.25 + 1.5 + 3 * 0.25
    assert final_s <= pages[1].best_frame.time_s < final_s + 0.75


def test_slides_of_a_second_have_a_page_each() -> None:
    slides = [
        draw_page([f"Theorem {word}", *(f"{word} lemma {line}" for line in range(5))], left=20 + 15 * number, paper=235 + 4 * (number % 5))
        for number, word in enumerate(("one", "two", "three", "four", "five"))
    ]
    alternating = [page if number % 2 else 255 - page for number, page in enumerate(slides)]
    assert visits(detect([(page, 1.0) for page in alternating])) == [[[second, second + 1.0]] for second in (0.0, 1.0, 2.0, 3.0, 4.0)]


@pytest.mark.parametrize("duration_s", [0.75, 1.0])
def test_a_glimpse_between_two_slides_is_no_page(duration_s: float) -> None:
    dark = 255 - FLOWS
    assert len(detect([(GRAPH, 8.0), (dark, duration_s), (TREES, 8.0)]).pages) == 2


def test_a_glimpse_that_comes_in_two_steps_is_no_page() -> None:
    """What comes within half a second is not written: the slide is shown from the second step on."""
    first_step, dark = GRAPH.copy(), 255 - FLOWS
    first_step[:100] = dark[:100]
    assert len(detect([(GRAPH, 8.0), (first_step, 0.375), (dark, 1.25), (TREES, 8.0)]).pages) == 2


def test_a_slide_that_was_being_loaded_on_black_begins_when_it_is_shown() -> None:
    loading, slide = draw_page([], paper=0), GRAPH.copy()
    cv2.putText(loading, "Loading", (220, 200), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 90, 1, cv2.LINE_AA)
    for page in (loading, slide):
        cv2.rectangle(page, (180, 220), (320, 250), 60, -1)
        cv2.putText(page, "Press Esc to leave", (190, 240), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 240, 1, cv2.LINE_AA)
    detection = detect([(TREES, 8.0), (loading, 1.25), (slide, 8.0)])
    assert [page.spans[0][0] for page in detection.pages] == pytest.approx([0.0, 9.25], abs=0.3)


WITH_VALUE = draw_page(["Flows", "Capacity of an edge", "Value of a flow: x = 1"])
BESIDE = np.minimum(draw_page(["Flows"]), draw_page(["", *["Proof of the theorem"] * 5], left=270))


@pytest.mark.parametrize(("glimpse", "start_s"), [(WITH_VALUE, 8.0), (BESIDE, 9.25)])
def test_a_slide_begins_with_a_glimpse_of_which_it_keeps_most(glimpse: GrayImage, start_s: float) -> None:
    slide = draw_page(["Flows", "Capacity of an edge", "Cuts and sets of vertices"])
    pages = detect([(255 - GRAPH, 8.0), (glimpse, 1.25), (slide, 8.0)]).pages
    assert [page.spans[0][0] for page in pages] == pytest.approx([0.0, start_s], abs=0.3)


@pytest.mark.parametrize("fade_s", [1.0, 2.0, 3.0])
def test_a_slide_that_comes_by_a_slow_fade_begins_at_its_end(fade_s: float) -> None:
    grey_slides = [np.asarray(160 + (page.astype(np.int16) - PAPER) // 2, np.uint8) for page in (GRAPH, TREES, FLOWS)]
    steps = round(4 * fade_s)
    frames: list[tuple[GrayImage, float]] = [(grey_slides[0], 6.0)]
    for before, after in ((0, 1), (1, 2)):
        for step in range(1, steps + 1):
            mixed = cv2.addWeighted(grey_slides[before], 1 - step / steps, grey_slides[after], step / steps, 0)
            frames.append((np.asarray(mixed, np.uint8), 0.25))
        frames.append((grey_slides[after], 6.0))
    starts = [page.spans[0][0] for page in detect(frames).pages]
    assert starts == pytest.approx([0.0, 6.0 + fade_s, 12.0 + 2 * fade_s], abs=0.2 + 0.25 * fade_s)


def test_what_is_shown_while_the_next_slide_is_loaded_is_not_a_page() -> None:
    loading = np.zeros_like(GRAPH)
    cv2.putText(loading, "Loading...", (200, 140), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 235, 1, cv2.LINE_AA)
    assert len(detect([(GRAPH, 8.0), (loading, 1.75), (TREES, 8.0)]).pages) == 2
    assert len(detect([(GRAPH, 8.0), (loading, 3.0), (TREES, 8.0)]).pages) == 3


def test_a_full_slide_between_two_others_is_a_page_after_less_than_two_seconds() -> None:
    assert len(detect([(GRAPH, 8.0), (255 - FLOWS, 1.75), (TREES, 8.0)]).pages) == 3


def test_a_window_in_front_of_everything_for_some_seconds_is_a_page_and_divides_the_visit() -> None:
    dark = 255 - FLOWS
    assert visits(detect([(GRAPH, 8.0), (dark, 2.0), (GRAPH, 8.0)])) == [[[0.0, 8.0], [10.0, 18.0]], [[8.0, 10.0]]]


def test_a_step_back_just_before_the_end_does_not_take_the_fullest_state_away() -> None:
    full = draw_page(["Quadratic scaling", "Encoder and attention", "Layers of the encoder", "Cost of attention", "In the sequence length"])
    before, after = full.copy(), draw_page(["A better way", "Sub-quadratic mixing", "Monarch matrices"])
    before[150:190] = PAPER
    fade = [(np.asarray(cv2.addWeighted(full, 1 - share, after, share, 0), np.uint8), 0.25) for share in (0.2, 0.4, 0.6, 0.8)]
    pages = detect([(before, 3.0), (full, 3.0), (before, 1.0), (full, 0.75), *fade, (after, 5.0)]).pages
    assert len(pages) == 2
    assert 3.0 <= pages[0].best_frame.time_s < 6.0


def refined(page: GrayImage, duration_s: float, rng: np.random.Generator, pixel_share: float = 0.12) -> list[tuple[GrayImage, float]]:
    """Draw a picture as a codec refines it: at each sample some pixels in a few places become a little darker or lighter."""
    frames, image = [], page
    for _ in range(round(duration_s / DEFAULTS.sampling.period_s)):
        frames.append((image, DEFAULTS.sampling.period_s))
        places = np.kron(rng.random((27, 48)) < 0.04, np.ones((10, 10))) > 0
        image = np.where(places & (rng.random(page.shape) < pixel_share), page ^ 16, page).astype(np.uint8)
    return frames


def test_a_picture_that_is_refined_until_the_next_one_comes_has_its_visit() -> None:
    rng = np.random.default_rng(5)
    dark = 255 - FLOWS
    frames = [(GRAPH, 8.0), *refined(dark, 3.0, rng), *refined(GRAPH, 3.0, rng), (dark, 6.0)]
    starts = [[span[0] for span in page.spans] for page in detect(frames).pages]
    assert starts == [pytest.approx([0.0, 11.0], abs=0.5), pytest.approx([8.0, 14.0], abs=0.5)]


def test_a_line_that_is_refined_until_the_next_slide_comes_is_on_the_page() -> None:
    rng = np.random.default_rng(6)
    frames = [(TREES_BEFORE, 6.0), *refined(TREES, 2.0, rng), (255 - FLOWS, 6.0)]
    pages = detect(frames).pages
    assert len(pages) == 2
    assert 6.0 <= pages[0].best_frame.time_s < 8.0


def test_a_pointer_that_moves_just_before_the_next_slide_does_not_hide_a_refined_picture() -> None:
    rng = np.random.default_rng(7)
    dark = 255 - FLOWS
    shown = refined(GRAPH, 3.0, rng, 0.08)
    for number in (-2, -1):
        pointed = shown[number][0].copy()
        cv2.circle(pointed, (300 + 40 * number, 180), 14, 90, -1)
        shown[number] = (pointed, 0.25)
    frames = [(GRAPH, 8.0), *refined(dark, 3.0, rng, 0.08), *shown, (dark, 6.0)]
    starts = [[span[0] for span in page.spans] for page in detect(frames).pages]
    assert starts == [pytest.approx([0.0, 11.0], abs=0.5), pytest.approx([8.0, 14.0], abs=0.5)]


def test_a_slide_that_is_refined_for_seconds_starts_when_it_came() -> None:
    rng = np.random.default_rng(8)
    starts = [page.spans[0][0] for page in detect([(GRAPH, 8.0), *refined(255 - FLOWS, 5.0, rng), (255 - FLOWS, 5.0)]).pages]
    assert starts == pytest.approx([0.0, 8.0], abs=0.5)


@pytest.mark.parametrize(("steps", "duration_s", "pixel_share"), [(6, 1.25, 0.08), (10, 1.5, 0.12), (14, 1.25, 0.12)])
def test_text_that_is_written_stands_and_fades_has_a_page_each_time(steps: int, duration_s: float, pixel_share: float) -> None:
    rng = np.random.default_rng(9)
    black = np.zeros_like(GRAPH)
    frames = []
    for lines in (
        ["Description", "Is there an association", "between grade level", "and experience"],
        ["Design", "Sent out a survey", "to a list of addresses", "Irrelevant questions"],
        ["Flaws", "Few answers", "of a list that is no sample"],
    ):
        page = draw_page(lines, paper=0, text_level=235)
        fading = [(np.asarray(cv2.addWeighted(page, 1 - share, black, share, 0), np.uint8), 0.25) for share in (0.3, 0.6)]
        frames += [*reveal(black, page, steps), *refined(page, duration_s, rng, pixel_share), *fading, (black, 0.25)]
    assert len(detect(frames).pages) == 3


def test_a_state_that_a_file_with_few_frames_holds_before_the_next_slide_is_kept() -> None:
    frames = [(GRAPH, 4.0), (TREES, 2.0), (TREES_BEFORE, 1.0), (TREES, 0.75), (255 - FLOWS, 4.0)]
    time_s = detect_sparse(frames, frame_gap_s=0.02).pages[1].best_frame.time_s
    assert 4.0 <= time_s < 6.0 or 7.0 <= time_s < 7.75


@pytest.mark.parametrize(("is_repeated", "visits_of_first"), [(True, 2), (False, 1)])
def test_a_picture_between_two_cuts_in_a_file_with_few_frames_counts_if_a_second_frame_shows_it(
    is_repeated: bool, visits_of_first: int
) -> None:
    dark = 255 - FLOWS
    between = [(dark, 0.25), (dark, 0.5)] if is_repeated else [(dark, 0.75)]
    assert len(detect_sparse([(GRAPH, 6.0), *between, (GRAPH, 6.0)]).pages[0].spans) == visits_of_first
