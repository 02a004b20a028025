"""Burned-in subtitles are no content of the slides."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from tests.slides.sequences import SIZE, detect, draw_page, visits

LINES = (
    "so we look at the next part",
    "and here you see why",
    "every node has two of them",
    "which is the reason that we use this one instead",
    "from here on",
    "as I said before it is not the same",
    "now the second one",
)
SLIDES = (
    ["Graph theory", "A graph has nodes", "and edges"],
    ["Shortest paths", "Dijkstra takes the nearest", "node first"],
    ["Trees", "A tree has no cycle"],
)


def subtitle(image: GrayImage, line: str, style: str) -> GrayImage:
    """Draw a line near the lower edge: in the middle on a dark box, or outlined, or beginning at the left."""
    image = image.copy()
    (width, height), _ = cv2.getTextSize(line, cv2.FONT_HERSHEY_SIMPLEX, 0.5, 1)
    left, bottom = 30 if style == "left" else (SIZE[0] - width) // 2, 252
    if style == "box":
        cv2.rectangle(image, (left - 6, bottom - height - 6), (left + width + 6, bottom + 8), 0, -1)
    else:
        cv2.putText(image, line, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 0, 4, cv2.LINE_AA)
    cv2.putText(image, line, (left, bottom), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 255, 1, cv2.LINE_AA)
    return image


@pytest.mark.parametrize("style", ["box", "outline", "left"])
def test_subtitles_divide_no_slide(style: str) -> None:
    frames, number = [], 0
    for slide in SLIDES:
        page = draw_page(slide)
        for _ in range(6):
            frames.append((subtitle(page, LINES[number % len(LINES)], style), 2.5))
            if number % 3 == 0:
                frames.append((page, 0.5))
            number += 1
    assert visits(detect(frames)) == [[[0.0, 16.0]], [[16.0, 32.0]], [[32.0, 48.0]]]


def test_a_slide_with_subtitles_is_shown_again() -> None:
    pages = [draw_page(slide) for slide in SLIDES]
    frames = [(subtitle(pages[number // 4 % 2], LINES[number % len(LINES)], "box"), 2.5) for number in range(16)]
    assert visits(detect(frames)) == [[[0.0, 10.0], [20.0, 30.0]], [[10.0, 20.0], [30.0, 40.0]]]


def test_a_number_at_the_lower_edge_is_content() -> None:
    frames = []
    for number in (12, 47, 83, 26, 95, 31, 68, 59, 74):
        page = draw_page(SLIDES[0])
        cv2.putText(page, f"k = {number}", (200, 252), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 25, 2, cv2.LINE_AA)
        frames.append((page, 7.0))
    assert len(detect(frames).pages) == 9


def test_sentences_that_are_exchanged_at_leisure_are_content() -> None:
    frames = [(subtitle(draw_page(SLIDES[0]), line, "box"), 14.0) for line in LINES]
    assert len(detect(frames).pages) == len(LINES)


def test_a_list_that_grows_to_the_lower_edge_is_content() -> None:
    lines = [f"{number}. {line}" for number, line in enumerate(LINES)]
    frames = [(draw_page(["Contents", *lines[: number + 1]]), 4.0) for number in range(len(lines))]
    detection = detect(frames)
    assert visits(detection) == [[[0.0, 28.0]]]
    assert len(detection.pages[0].builds) == len(lines) - 1
    assert detection.pages[0].best_frame.time_s > 24.0


def test_strokes_at_the_lower_edge_are_content() -> None:
    """Strokes beside each other on one height: no place is covered by all."""
    page = np.full(SIZE[::-1], 245, np.uint8)
    frames = [(page, 3.0)]
    for number in range(8):
        page = page.copy()
        points = np.array([(10 + 58 * number + 2 * x, 235 + 10 * np.sin(x / 2)) for x in range(30)], np.int32)
        cv2.polylines(page, [points], False, 30, 2, cv2.LINE_AA)
        frames.append((page, 3.0))
    assert detect(frames).pages[-1].best_frame.time_s > 22.0


def test_live_captions_that_come_word_by_word_divide_no_slide() -> None:
    words = " ".join(LINES * 4).split()
    pages = [draw_page(slide) for slide in (*SLIDES, ["Flows", "What flows in flows out"])]
    frames, shown = [], [""]
    for number, word in enumerate(words[: 4 * 26]):
        if len(f"{shown[-1]} {word}") > 40:
            shown = [shown[-1], ""]
        shown[-1] = f"{shown[-1]} {word}".strip()
        picture = pages[number // 26].copy()
        picture[212:] = 30
        for row, line in enumerate(shown):
            cv2.putText(picture, line, (20, 234 + 22 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 240, 1, cv2.LINE_AA)
        frames.append((picture, 0.5))
    assert [page.spans[0][0] for page in detect(frames).pages] == pytest.approx([0, 13, 26, 39], abs=0.6)
