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
    shown = []
    for step in range(round(4 * duration_s)):
        picture = page.copy()
        for bar in range(16):
            height = 30 + 25 * ((step + bar) // 16 % 3)
            left = 200 + 17 * bar
            cv2.rectangle(picture, (left, 240 - height), (left + 12, 240), 90, -1)
        shown.append((picture, 0.25))
    return shown


def test_a_slide_whose_chart_never_rests_has_a_page() -> None:
    shown = [(BLACK, 5.0), *with_restless_chart(GRAPHS, 9.0), *with_restless_chart(FLOWS, 9.0)]
    first, second = detect(shown).pages
    assert first.spans[0][0] == pytest.approx(5.0, abs=0.6)
    assert first.best_frame.time_s < 14.0
    assert second.spans[0][0] == pytest.approx(14.0, abs=0.6)
