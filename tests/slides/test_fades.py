"""Slides that fade slowly, into a stable frame every few seconds: the image shows their text before the fade."""

from __future__ import annotations

import numpy as np
import pytest

from services.slides.parameters import DEFAULTS
from tests.slides.sequences import PAPER, detect, draw_page

LINES = ["Recruiting", "How people find work", "Interviews and tests", "Three offers"]
OTHER = 255 - draw_page(["Results", "Throughput of the server", "Latency"], left=60)
BEFORE_S, SHOWN_S = 6.0, 6.0


@pytest.mark.parametrize("fade_s", [8.0, 20.0])
@pytest.mark.parametrize("text_level", [25, 120, 180])
def test_the_image_of_a_slide_that_fades_out_slowly_shows_its_text(fade_s: float, text_level: int) -> None:
    page = draw_page(LINES, text_level=text_level).astype(np.float64)
    steps = round(fade_s / DEFAULTS.sampling.period_s)
    fade = [(page + (PAPER - page) * number / steps).round().astype(np.uint8) for number in range(1, steps + 1)]
    frames = [(OTHER, BEFORE_S), (page.astype(np.uint8), SHOWN_S), *((frame, DEFAULTS.sampling.period_s) for frame in fade), (OTHER, 6.0)]
    _, slide = detect(frames).pages
    faded_share = (slide.best_frame.time_s - BEFORE_S - SHOWN_S) / fade_s
    assert faded_share < 0.2


def test_a_line_added_after_the_others_are_dimmed_is_on_the_image() -> None:
    dimmed = draw_page(LINES[:3], text_level=150)
    with_line = np.minimum(dimmed, draw_page(["", "", "", LINES[3]]))
    (page,) = detect([(draw_page(LINES[:3]), 8.0), (dimmed, 4.0), (with_line, 8.0)]).pages
    assert page.best_frame.time_s > 12.0


def test_a_bar_on_the_slide_that_fades_out_in_steps_makes_no_page() -> None:
    page = draw_page([*LINES, "Questions", "Thanks to all of you"])
    steps = []
    for level in (80, 130, 180):
        frame = page.copy()
        frame[3:36, 300:460] = level
        steps.append((frame, 3.0))
    with_other_line = draw_page([*LINES, "Answers", "Thanks to all of you"])
    assert len(detect([*steps, (page, 6.0)]).pages) == 1
    assert len(detect([*steps, (with_other_line, 6.0)]).pages) == 2
