"""The area that slides change, from the blocks that change with them."""

from __future__ import annotations

import numpy as np

from services.slides.grid import Grid, Mask
from services.slides.parameters import DEFAULTS
from services.slides.slide_area import SlideAreaEstimator
from tests.slides.sequences import draw_page

GRID = Grid.for_image(draw_page([]), DEFAULTS.grid)


def blocks(top: float, bottom: float, left: float, right: float) -> Mask:
    mask = np.zeros(GRID.shape, np.bool_)
    mask[round(top * GRID.rows) : round(bottom * GRID.rows), round(left * GRID.columns) : round(right * GRID.columns)] = True
    return mask


SLIDE = blocks(0.1, 0.9, 0.0, 0.75)
NOTHING = np.zeros(GRID.shape, np.bool_)


def estimate(*changes: Mask, moving: Mask = NOTHING) -> Mask:
    estimator = SlideAreaEstimator(GRID, DEFAULTS.slide_area)
    for change in changes:
        estimator.observe(change)
    return estimator.estimate(moving)


def test_participants_beside_the_slides_are_outside() -> None:
    text, participant = blocks(0.1, 0.6, 0.0, 0.4), blocks(0.0, 0.2, 0.8, 1.0)
    assert np.array_equal(estimate(SLIDE, participant, text, SLIDE, SLIDE | participant, moving=NOTHING), SLIDE)
    assert np.array_equal(estimate(SLIDE | participant, moving=participant), SLIDE)


def test_everything_is_inside_as_long_as_no_large_change_tells() -> None:
    assert estimate().all()
    assert estimate(blocks(0.1, 0.2, 0.0, 0.3)).all()


def test_a_player_s_bar_that_comes_and_goes_is_not_the_area() -> None:
    assert estimate(*[blocks(0.84, 1.0, 0.0, 1.0)] * 6).all()
