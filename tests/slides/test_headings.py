"""Another heading is another slide, whatever the slides have in common."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from tests.slides.sequences import PAPER, SIZE, detect, draw_page

ROWS = ("7 0 1 2 0 3 0 4", "7 7 7 2 2 2 4 4", "- 0 0 0 3 3 3 2")


def draw_table(heading: str, columns: int) -> GrayImage:
    """Draw a slide with its heading in a bar at the very top, and so many columns of a table."""
    page = np.full(SIZE[::-1], PAPER, np.uint8)
    cv2.rectangle(page, (0, 0), (SIZE[0], 26), 60, -1)
    cv2.putText(page, heading, (12, 19), cv2.FONT_HERSHEY_SIMPLEX, 0.6, 240, 1, cv2.LINE_AA)
    for row, digits in enumerate(ROWS):
        for column, digit in enumerate(digits.split()):
            left, top = 30 + 26 * column, 60 + 22 * row
            cv2.rectangle(page, (left, top), (left + 26, top + 22), 90, 1)
            if column < columns:
                cv2.putText(page, digit, (left + 8, top + 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, 25, 1, cv2.LINE_AA)
    return page


def test_the_same_table_under_another_heading_is_another_slide() -> None:
    frames = [(draw_table(heading, columns), 5.0) for heading, columns in (("FIFO replacement", 5), ("FIFO replacement", 8))]
    frames += [(draw_table("LRU replacement", 8), 5.0)]
    assert [page.spans[0][0] for page in detect(frames).pages] == pytest.approx([0.0, 10.0], abs=0.5)


def beneath_tools(page: GrayImage, chosen: int) -> GrayImage:
    """Draw a page in a window below a tool bar of which one button is highlighted."""
    window = np.full(SIZE[::-1], 120, np.uint8)
    cv2.rectangle(window, (0, 0), (SIZE[0], 26), 235, -1)
    for number, name in enumerate(("Pen", "Marker", "Eraser", "Lasso")):
        left = 120 + 70 * number
        if number == chosen:
            cv2.rectangle(window, (left - 8, 4), (left + 54, 23), 190, -1)
        cv2.putText(window, name, (left, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 40, 1, cv2.LINE_AA)
    window[30:, 40:-40] = page[30:, 40:-40]
    return window


def test_a_tool_that_is_chosen_above_a_page_is_no_heading() -> None:
    pages = [draw_page(["", "Graphs", "Edges of a graph", "Paths of a tree"], left=70), draw_page(["", "Flows", "Cuts of a flow"], left=70)]
    frames = [(beneath_tools(page, chosen), 5.0) for page in pages for chosen in (0, 1, 2)]
    assert [page.spans[0][0] for page in detect(frames).pages] == pytest.approx([0.0, 15.0], abs=0.5)
