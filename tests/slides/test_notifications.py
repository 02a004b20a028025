"""A notification in front of the slides makes no page, also when the slide changes behind it."""

from __future__ import annotations

import cv2
import pytest

from services.slides.decoder import GrayImage
from tests.slides.sequences import SIZE, detect, draw_page, visits

PAGES = [draw_page([title]) for title in ("Introduction", "Network flows", "Spanning trees")]


def notify(page: GrayImage) -> GrayImage:
    """Draw a framed box with two lines at the upper right."""
    image = page.copy()
    cv2.rectangle(image, (340, 10), (SIZE[0] - 10, 52), 250, -1)
    cv2.rectangle(image, (340, 10), (SIZE[0] - 10, 52), 140, 1)
    for line, text in enumerate(("Grace joined", "the node because of")):
        cv2.putText(image, text, (348, 26 + 18 * line), cv2.FONT_HERSHEY_SIMPLEX, 0.4, 60, 1, cv2.LINE_AA)
    return image


@pytest.mark.parametrize("lead_s", [1.5, 2.0, 3.0])
def test_a_notification_that_outlasts_a_slide(lead_s: float) -> None:
    frames = [
        (PAGES[0], 8.0 - lead_s),
        (notify(PAGES[0]), lead_s),
        (notify(PAGES[1]), 4.0 - lead_s + 1),
        (PAGES[1], 3.0 + lead_s),
        (PAGES[2], 8.0),
    ]
    assert visits(detect(frames)) == [[[0.0, 8.0]], [[8.0, 16.0]], [[16.0, 24.0]]]


def test_what_is_erased_from_a_slide_that_kept_it_is_content() -> None:
    """Two slides share a paragraph that was built up on the first one; only its title is exchanged."""
    lines = ["A node has neighbours", "and a degree", "edges join two nodes", "a path visits some of them"]
    first, second = (draw_page([title, *lines]) for title in ("Graphs", "Words"))
    frames = [(draw_page(["Graphs"]), 5.0), (first, 5.0), (second, 5.0), (draw_page(["Words"]), 5.0)]
    pages = detect(frames).pages
    assert pages[-1].best_frame.time_s < 15 or len(pages) == 3
