"""What is inserted into a page pushes down the rest of it; it is still the same page."""

from __future__ import annotations

import cv2
import numpy as np

from services.slides.decoder import GrayImage
from tests.slides.sequences import SIZE, detect, draw_page, visits

LINES = [
    "Load the table",
    "iris = read_csv('iris.csv')",
    "Do the species differ?",
    "iris.groupby('species').mean()",
    "A first model of petals",
    "tree.fit(train, answers)",
    "Exercise: other depths",
    "Further reading, chapter two",
    "Leaves are longer than wide",
    "Petals differ most of all",
    "plot(iris.petals, colour)",
]
OUTPUT = ["5.1   3.5   1.4   0.2", "4.9   3.0   1.4   0.2", "6.3   3.3   6.0   2.5", "5.8   2.7   5.1   1.9"]
ROW = 17


def notebook(lines: list[str], scrolled_rows: int = 0, heading: str = "Flowers") -> GrayImage:
    """Draw a heading and lines under a tool bar, moved up by some rows."""
    page = np.full((SIZE[1] * 2, SIZE[0]), 250, np.uint8)
    cv2.putText(page, heading, (60, 58), cv2.FONT_HERSHEY_SIMPLEX, 0.8, 30, 2, cv2.LINE_AA)
    for number, line in enumerate(lines):
        cv2.putText(page, line, (60, 92 + ROW * number), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 30, 1, cv2.LINE_AA)
    page = page[scrolled_rows : scrolled_rows + SIZE[1]]
    page[:26] = 225
    cv2.putText(page, "File  Edit  View  Run  Kernel", (10, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 60, 1, cv2.LINE_AA)
    return page


def test_a_page_into_which_lines_are_inserted_goes_on() -> None:
    run = [*LINES[:2], *OUTPUT, *LINES[2:]]
    frames = [(draw_page(["Notebooks", "An example"], 60), 6.0), (notebook(LINES), 6.0), (notebook(run), 6.0)]
    detection = detect(frames)
    assert visits(detection) == [[[0.0, 6.0]], [[6.0, 18.0]]]
    assert detection.pages[1].best_frame.time_s > 12
    assert len(detection.pages[1].builds) == 1


def test_a_page_that_is_scrolled_up_is_another_one() -> None:
    more = [f"Chapter {number}: {number * 37 % 101} pages of {number * 53 % 211}" for number in range(6)] + LINES
    frames = [(draw_page(["Notebooks", "An example"], 60), 6.0), (notebook(more, 6 * ROW), 6.0), (notebook(more, 8 * ROW), 6.0)]
    assert len(detect([*frames, (notebook(more, 3 * ROW), 6.0)]).pages) == 4


def test_a_list_with_another_heading_that_begins_with_more_items_is_another_page() -> None:
    other = notebook([*OUTPUT, *LINES], heading="Weather")
    frames = [(draw_page(["Notebooks", "An example"], 60), 6.0), (notebook(LINES), 6.0), (other, 6.0)]
    assert len(detect(frames).pages) == 3
