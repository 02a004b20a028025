"""The sway of a hand that films is undone; what moves in front of a camera that stands is no sway."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from services.slides.parameters import DEFAULTS
from services.slides.sample_schedule import Sample
from services.slides.stabilization import Stabilizer, sways
from tests.slides.sequences import SIZE, detect, draw_page, visits

PERIOD_S = DEFAULTS.sampling.period_s
OUTLINE = draw_page([f"{number}. Part of the talk" for number in range(1, 6)], left=300)
DECK = [
    np.minimum(OUTLINE, draw_page([title, *[f"{text}, part {line}" for line in range(4)]]))
    for title, text in (("Stability", "every pole lies left"), ("Response", "it settles in a second"), ("Design", "choose the gain"))
]


def film(page: GrayImage, first_step: int, count: int, reach: float = 8.0) -> list[GrayImage]:
    """Film a page with a hand that sways and turns slowly."""
    pictures = []
    for step in range(first_step, first_step + count):
        move = cv2.getRotationMatrix2D((SIZE[0] / 2, SIZE[1] / 2), 0.6 * np.sin(0.37 * step), 1.0)
        move[:, 2] += (reach * np.sin(0.31 * step), 0.6 * reach * np.cos(0.43 * step))
        pictures.append(cv2.warpAffine(page, move, SIZE, borderMode=cv2.BORDER_REPLICATE))
    return pictures  # type: ignore[return-value]


def stabilize(pictures: list[GrayImage]) -> list[GrayImage]:
    samples = [Sample(number * PERIOD_S, 0.0, 0.0, True, picture) for number, picture in enumerate(pictures)]
    return [sample.image for sample in Stabilizer(DEFAULTS.stabilization).stabilize(samples) if sample.image is not None]


def difference(first: GrayImage, second: GrayImage) -> float:
    inside = np.s_[20:-20, 20:-20]
    return float(np.mean(cv2.absdiff(first[inside], second[inside])))


def test_a_page_in_a_swaying_picture_stays_where_it_was_first() -> None:
    swaying = film(DECK[0], 0, 40)
    still = stabilize(swaying)
    assert max(difference(still[0], each) for each in still) < 0.35 * max(difference(swaying[0], each) for each in swaying)


def test_the_outline_of_the_talk_keeps_its_place_when_the_slide_changes() -> None:
    still = stabilize(film(DECK[0], 0, 20) + film(DECK[1], 20, 20))
    outline = np.s_[30:-30, 310:-30]
    assert float(np.mean(cv2.absdiff(still[5][outline], still[-1][outline]))) < 12


def test_what_a_hand_holds_sways_and_what_stands_does_not() -> None:
    assert sways(film(DECK[0], 0, 60), DEFAULTS.stabilization)
    assert not sways([DECK[0]] * 60, DEFAULTS.stabilization)
    assert not sways(film(draw_page([]), 0, 60), DEFAULTS.stabilization), "nothing to see"


def test_pages_that_scroll_quickly_for_a_while_do_not_sway() -> None:
    scrolled = [np.roll(DECK[0], -6 * step, axis=0) for step in range(12)]
    assert not sways([*([DECK[0]] * 24), *scrolled, *([scrolled[-1]] * 24)], DEFAULTS.stabilization)


@pytest.mark.parametrize("reach", [4.0, 8.0])
def test_slides_of_one_template_in_a_swaying_film_have_a_page_each(reach: float) -> None:
    shown, count = (0, 1, 2, 1), round(8 / PERIOD_S)
    pictures = [picture for place, number in enumerate(shown) for picture in film(DECK[number], place * count, count, reach)]
    first, second, third = visits(detect([(picture, PERIOD_S) for picture in pictures]))
    assert np.array(first) == pytest.approx(np.array([[0, 8]]), abs=1)
    assert np.array(second) == pytest.approx(np.array([[8, 16], [24, 32]]), abs=1)
    assert np.array(third) == pytest.approx(np.array([[16, 24]]), abs=1)
