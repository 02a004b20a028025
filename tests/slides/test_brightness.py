"""A picture that becomes brighter or darker as a whole shows the same slide."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest

from services.slides.decoder import GrayImage
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import detect, draw_page, visits

PAGES = [draw_page([title], paper=205, text_level=45) for title in ("Graphs", "Trees", "Network flows")]


def expose(brightness: Callable[[float], float]) -> list[tuple[GrayImage, float]]:
    """Show the slides for ten seconds each, the first two of them again, with a brightness that changes over time."""
    frames = []
    for number in range(200):
        time_s = number * 0.25
        page = PAGES[(0, 1, 2, 1, 0)[int(time_s / 10)]].astype(np.float64)
        frames.append((np.clip(page + brightness(time_s), 0, 255).astype(np.uint8), 0.25))
    return frames


@pytest.mark.parametrize(
    "brightness",
    [
        lambda time_s: 15 * math.sin(2 * math.pi * time_s / 20),
        lambda time_s: 22 * math.sin(2 * math.pi * time_s / 33),
        lambda time_s: 0.7 * time_s - 20,
        lambda time_s: 20 if 14 <= time_s < 36 else 0,
        lambda time_s: 0,
    ],
    ids=["a camera that adapts", "clouds", "dusk", "a lamp", "steady"],
)
def test_the_same_slides_in_another_light(brightness: Callable[[float], float]) -> None:
    expected = [[[0.0, 10.0], [40.0, 50.0]], [[10.0, 20.0], [30.0, 40.0]], [[20.0, 30.0]]]
    assert visits(detect(expose(brightness))) == expected


def test_a_slide_that_was_built_up_while_the_light_changed_is_replaced() -> None:
    """In the light of an earlier state, the next slide does not show that state."""
    lines = ["C", "1/4", "2/4", "3/4", "4/4"]
    shown = [draw_page(lines[: count + 1], paper=235) for count in range(5)] + [draw_page([letter], paper=235) for letter in ("D", "E")]
    frames = []
    for number in range(140):
        time_s = number * 0.25
        light = 15 * math.sin(2 * math.pi * time_s / 20)
        frames.append((np.clip(shown[int(time_s / 5)] + light, 0, 255).astype(np.uint8), DEFAULTS.sampling.period_s))
    detection = detect(frames)
    assert visits(detection) == [[[0.0, 25.0]], [[25.0, 30.0]], [[30.0, 35.0]]]
    assert detection.pages[0].best_frame.time_s > 20


def test_lines_that_are_added_beside_a_dark_edge_while_a_camera_adapts() -> None:
    """An exposure scales the brightness: black stays black."""
    lines = ["Graphs", "Nodes", "Edges", "Paths"]
    frames = []
    for number in range(160):
        page = draw_page(lines[: 1 + number // 40], paper=215, text_level=45).astype(np.float64)
        page[:, 430:] = 12
        frames.append((np.clip(page * (1 + 0.09 * math.sin(0.22 * number)), 0, 255).astype(np.uint8), DEFAULTS.sampling.period_s))
    detection = detect(frames)
    assert len(detection.pages) == 1
    assert len(detection.pages[0].builds) == 3
