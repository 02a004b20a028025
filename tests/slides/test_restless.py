"""Pictures of which a part never comes to rest: a chart that moves beside the text."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from tests.slides.sequences import SIZE, detect, draw_page

BLACK = np.zeros(SIZE[::-1], np.uint8)
GRAPHS = draw_page(["Graphs", "Vertices and edges", "Degrees of a vertex"])
FLOWS = draw_page(["Network flows", "Capacity of an edge", "Minimum cuts"])


def with_restless_chart(page: GrayImage, duration_s: float) -> list[tuple[GrayImage, float]]:
    """Draw bars that grow and shrink in turns: no part moves habitually, and some part has always just moved."""
    frames = []
    for step in range(round(4 * duration_s)):
        picture = page.copy()
        for bar in range(16):
            height = 30 + 25 * ((step + bar) // 16 % 3)
            left = 200 + 17 * bar
            cv2.rectangle(picture, (left, 240 - height), (left + 12, 240), 90, -1)
        frames.append((picture, 0.25))
    return frames


def test_a_slide_whose_chart_never_rests_has_a_page() -> None:
    frames = [(BLACK, 5.0), *with_restless_chart(GRAPHS, 9.0), *with_restless_chart(FLOWS, 9.0)]
    first, second = detect(frames).pages
    assert first.spans[0][0] == pytest.approx(5.0, abs=0.6)
    assert first.best_frame.time_s < 14.0
    assert second.spans[0][0] == pytest.approx(14.0, abs=0.6)


def with_drifting_curve(page: GrayImage, duration_s: float, phase: float) -> list[tuple[GrayImage, float]]:
    """Draw a curve that changes its shape slowly beside the text."""
    x = np.arange(0, 200, 2)
    frames = []
    for step in range(round(4 * duration_s)):
        picture = page.copy()
        y = 190 + 30 * np.sin(x / 30 + phase + 0.025 * step)
        cv2.polylines(picture, [np.stack([x + 240, y], 1).astype(np.int32)], False, 60, 1, cv2.LINE_AA)
        frames.append((picture, 0.25))
    return frames


def test_text_slides_with_a_chart_that_drifts_have_a_page_each() -> None:
    slides = [
        draw_page([title, f"First remark on {title}", f"Second remark on {title}"])
        for title in ("Graphs", "Network flows", "Minors", "Cuts")
    ]
    frames = [each for number, slide in enumerate(slides) for each in with_drifting_curve(slide, 7.0, 1.3 * number)]
    assert [page.spans[0][0] for page in detect(frames).pages] == pytest.approx([0.0, 7.0, 14.0, 21.0], abs=0.6)


def cross_fade(before: list[tuple[GrayImage, float]], after: list[tuple[GrayImage, float]], steps: int) -> list[tuple[GrayImage, float]]:
    """Join two sequences; the last pictures of the first one fade into the first ones of the second, a step a sample."""
    pairs = zip(before[-steps:], after[:steps], strict=True)
    shares = [(step + 1) / (steps + 1) for step in range(steps)]
    mixed = [
        (np.asarray(cv2.addWeighted(old, 1 - share, new, share, 0), np.uint8), 0.25)
        for ((old, _), (new, _)), share in zip(pairs, shares, strict=True)
    ]
    return [*before[:-steps], *mixed, *after[steps:]]


@pytest.mark.parametrize("steps", [2, 4, 6])
def test_slides_that_fade_into_each_other_while_a_chart_drifts_have_a_page_each(steps: int) -> None:
    slides = [
        draw_page([title, f"First remark on {title}", f"Second remark on {title}"])
        for title in ("Graphs", "Network flows", "Minors", "Cuts")
    ]
    frames: list[tuple[GrayImage, float]] = []
    for number, slide in enumerate(slides):
        shown = with_drifting_curve(slide, 8.0, 1.3 * number)
        frames = cross_fade(frames, shown, steps) if frames else shown
    starts = [page.spans[0][0] for page in detect(frames).pages]
    assert starts == pytest.approx([0.0, 8.0, 16.0 - steps / 4, 24.0 - steps / 2], abs=0.8)


def with_running_wave(heading: str, duration_s: float) -> list[tuple[GrayImage, float]]:
    """Draw a wave over much of the picture that runs on in each sample, below a heading."""
    x = np.arange(20, 460, 3)
    frames = []
    for step in range(round(4 * duration_s)):
        picture = draw_page([heading])
        y = 160 + 60 * np.sin(x / 28 + 0.9 * step) + 25 * np.sin(x / 11 - 0.5 * step)
        cv2.polylines(picture, [np.stack([x, y], 1).astype(np.int32)], False, 60, 2, cv2.LINE_AA)
        frames.append((picture, 0.25))
    return frames


def test_a_heading_above_a_chart_that_runs_for_some_seconds_has_a_page() -> None:
    pages = detect([(GRAPHS, 6.0), *with_running_wave("Load over time", 7.0), (FLOWS, 6.0)]).pages
    assert len(pages) == 3
    assert 6.5 < pages[1].best_frame.time_s < 13.0


def before_a_restless_room(page: GrayImage, duration_s: float, first_step: int, pace: float) -> list[tuple[GrayImage, float]]:
    """Draw a lecturer who paces before the right half of a slide, and an audience whose heads move in turns."""
    frames = []
    for step in range(first_step, first_step + round(4 * duration_s)):
        picture = page.copy()
        place = 360 + round(70 * np.sin(pace * step))
        cv2.ellipse(picture, (place, SIZE[1]), (40, 120), 0, 0, 360, 70, -1)
        cv2.circle(picture, (place + round(6 * np.sin(2.3 * step)), 130), 24, 150, -1)
        for head in range(4):
            sway = round(9 * np.sin(0.7 * step + 1.7 * head))
            cv2.circle(picture, (40 + 70 * head + sway, SIZE[1] - 4), 18, 60, -1)
        frames.append((picture, 0.25))
    return frames


@pytest.mark.parametrize("pace", [0.1, 0.13])
def test_slides_behind_a_lecturer_who_never_stands_still_have_a_page_each(pace: float) -> None:
    slides = [
        draw_page([title, f"A remark on {word}", f"Another on {word}", "Left out"])
        for title, word in (("Graphs", "edges"), ("Network flows", "cuts"), ("Minors", "trees"), ("Colours", "faces"))
    ]
    frames = [each for number, slide in enumerate(slides) for each in before_a_restless_room(slide, 14.0, 56 * number, pace)]
    pages = detect(frames).pages
    assert [page.spans[0][0] for page in pages] == pytest.approx([0.0, 14.0, 28.0, 42.0], abs=0.6)
    assert all(14.0 * number < page.best_frame.time_s < 14.0 * number + 14.0 for number, page in enumerate(pages))
