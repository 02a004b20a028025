"""A board that is wiped down to its heading: what is written next is another slide, which began with the wiping."""

from __future__ import annotations

import pytest

from tests.slides.sequences import detect, draw_page, reveal

HEADING = draw_page(["Forces"])
FULL = draw_page(["Forces", "Gravity pulls down", "Friction slows the body", "A spring pulls back"])


def test_new_words_on_a_wiped_board_are_another_slide() -> None:
    anew = draw_page(["Forces", "", "", "", "Lift acts at right angles"])
    frames = [(HEADING, 5.0), *reveal(HEADING, FULL, 8), (FULL, 6.0), *reveal(FULL, HEADING, 8), (HEADING, 6.0), *reveal(HEADING, anew, 8)]
    detection = detect([*frames, (anew, 6.0)])
    assert [page.spans[0][0] for page in detection.pages] == pytest.approx([0, 14], abs=1)


def test_a_board_that_is_only_wiped_is_the_same_slide() -> None:
    (page,) = detect([(HEADING, 5.0), *reveal(HEADING, FULL, 8), (FULL, 6.0), *reveal(FULL, HEADING, 8), (HEADING, 6.0)]).pages
    assert 7 < page.best_frame.time_s < 13.5
