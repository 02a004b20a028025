"""Whether a camera shakes, and whether the picture is grainy: read from the first seconds of a recording."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from services.slides.grid import DiffSettings, Grid
from services.slides.motion import choose_diff_settings
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import SIZE, detect, draw_page, visits

CONTRAST = DEFAULTS.camera.contrast_normal
FULL_PAGE = draw_page(["Kinematics of a point", *(f"{line}. The velocity is the derivative of the position" for line in range(1, 8))])
FEW_LINES = draw_page(["Kinematics", "velocity"])


def choose(images: list[GrayImage]) -> DiffSettings:
    return choose_diff_settings(images, Grid.for_image(images[0], DEFAULTS.grid), CONTRAST, DEFAULTS)


def shake(page: GrayImage, pixels: float, count: int = 40) -> list[GrayImage]:
    """Move the page in another direction at each sample, as a camera in a hand does."""
    shifts = np.random.default_rng(1).uniform(-pixels, pixels, (count, 2))
    moves = [np.array([[1, 0, x], [0, 1, y]], np.float32) for x, y in shifts]
    return [cv2.warpAffine(page, move, SIZE, borderMode=cv2.BORDER_REPLICATE) for move in moves]  # type: ignore[misc]


def add_grain(page: GrayImage, strength: float, count: int = 40) -> list[GrayImage]:
    noise = np.random.default_rng(2)
    return [np.clip(page + noise.normal(0, strength, page.shape), 0, 255).astype(np.uint8) for _ in range(count)]


def add_presenter(page: GrayImage, width: int, count: int = 40) -> list[GrayImage]:
    """Draw a person at the right who moves all the time, in front of a bookshelf."""
    pictures = []
    for number in range(count):
        picture = page.copy()
        picture[:, SIZE[0] - width :: 8] = 60
        centre = (SIZE[0] - width // 2 + 12 * (number % 3 - 1), 180 + 6 * (number % 2))
        cv2.ellipse(picture, centre, (width // 4, 90), 0, 0, 360, 110, -1)
        pictures.append(picture)
    return pictures


@pytest.mark.parametrize("page", [FULL_PAGE, 255 - FULL_PAGE], ids=["light", "dark"])
def test_a_camera_in_a_hand_shakes(page: GrayImage) -> None:
    settings = choose(shake(page, 1.5))
    assert settings.shaky
    assert settings.contrast > CONTRAST


def sway(page: GrayImage, pixels: float, period_s: float, seconds: float) -> list[GrayImage]:
    """Move the page slowly to and fro, as arms that hold a telephone do."""
    angles = 2 * np.pi / period_s * np.arange(0, seconds, DEFAULTS.sampling.period_s)
    moves = [np.array([[1, 0, pixels * np.sin(angle)], [0, 1, 0.7 * pixels * np.cos(1.3 * angle)]], np.float32) for angle in angles]
    return [cv2.warpAffine(page, move, SIZE, borderMode=cv2.BORDER_REPLICATE) for move in moves]  # type: ignore[misc]


@pytest.mark.parametrize("period_s", [4.0, 6.0])
def test_a_camera_that_sways_slowly_shakes(period_s: float) -> None:
    assert choose(sway(FULL_PAGE, 1.5, period_s, 12.0)).shaky


def test_a_tripod_that_trembles_a_little_is_steady() -> None:
    assert choose(shake(FULL_PAGE, 0.08)) == DiffSettings(CONTRAST)


def test_a_presenter_who_moves_beside_the_slide_does_not_shake_the_camera() -> None:
    assert not choose(add_presenter(FULL_PAGE, 180)).shaky


def test_slides_that_follow_each_other_quickly_do_not_shake_the_camera() -> None:
    pages = [draw_page([f"Step {number}", *(f"value {number + line}" for line in range(7))]) for number in range(10)]
    assert not choose([page for page in pages for _ in range(5)]).shaky


def test_a_page_with_few_words_does_not_tell_whether_the_camera_shakes() -> None:
    assert not choose(shake(FEW_LINES, 1.5)).shaky


def test_a_grainy_picture_is_blurred_before_it_is_compared() -> None:
    assert choose(add_grain(FULL_PAGE, 6)).noisy
    assert not choose(add_grain(FULL_PAGE, 1.5)).noisy


def test_a_few_samples_tell_nothing() -> None:
    assert choose(shake(add_grain(FULL_PAGE, 6, 1)[0], 1.5, 8)) == DiffSettings(CONTRAST)


def test_slides_that_are_filmed_by_hand_have_a_page_each() -> None:
    subjects = {"Heat": "flows from warm to cold", "Work": "is force along a path", "Entropy": "never falls in a closed room"}
    pages = [draw_page([title, *[text] * (3 + n)], left=30 + 60 * n) for n, (title, text) in enumerate(subjects.items())]
    detection = detect([(image, DEFAULTS.sampling.period_s) for page in pages for image in shake(page, 0.6)])
    assert [page.spans[0][0] for page in detection.pages] == pytest.approx([0, 10, 20], abs=1)


@pytest.mark.parametrize("shaky", [False, True])
def test_thin_text_differs_as_much_when_it_goes_as_when_it_comes(shaky: bool) -> None:
    settings, paper = DiffSettings(CONTRAST, shaky=shaky), draw_page([])
    text = draw_page(["", "a line of thin text", "and another one"])
    came, went = (np.count_nonzero(settings.threshold_difference(*pair)) for pair in ((paper, text), (text, paper)))
    assert came == went > 300


def film(page: GrayImage, shift: tuple[float, float], count: int, seed: int) -> list[GrayImage]:
    """Film a page from a place that a hand holds for a while, about which it trembles."""
    tremble = np.random.default_rng(seed).uniform(-1.5, 1.5, (count, 2))
    moves = [np.array([[1, 0, shift[0] + x], [0, 1, shift[1] + y]], np.float32) for x, y in tremble]
    return [cv2.warpAffine(page, move, SIZE, borderMode=cv2.BORDER_REPLICATE) for move in moves]  # type: ignore[misc]


def test_a_slide_that_is_shown_again_while_the_hand_holds_the_camera_elsewhere_is_the_same() -> None:
    other = draw_page(["Energy", *(f"{line}. The work of a force is the product of both" for line in range(1, 8))])
    period_s, places = DEFAULTS.sampling.period_s, ((0, 0), (2, 1), (9, -6))
    pictures = [film(page, place, 32, seed) for seed, (page, place) in enumerate(zip((FULL_PAGE, other, FULL_PAGE), places, strict=True))]
    first, second = visits(detect([(picture, period_s) for part in pictures for picture in part]))
    assert np.array(first) == pytest.approx(np.array([[0, 8], [16, 24]]), abs=1)
    assert np.array(second) == pytest.approx(np.array([[8, 16]]), abs=1)


def test_slides_of_one_template_that_are_filmed_by_hand_have_a_page_each() -> None:
    """Most of what they show is beside what changes: the outline of the talk. One comes again soon."""
    outline = draw_page([f"{number}. Part of the talk" for number in range(1, 9)], left=300)

    def page(title: str, text: str, lines: int) -> GrayImage:
        return np.minimum(outline, draw_page([title, *[text] * lines]))

    deck = [
        page("Stability", "every pole lies left", 3),
        page("Response", "it settles in a second", 3),
        page("Stability", "every pole lies left", 3),
    ]
    period_s = DEFAULTS.sampling.period_s
    pictures = [picture for each in deck for picture in shake(each, 0.6, round(8 / period_s))]
    first, second = visits(detect([(picture, period_s) for picture in pictures]))
    assert np.array(first) == pytest.approx(np.array([[0, 8], [16, 24]]), abs=1)
    assert np.array(second) == pytest.approx(np.array([[8, 16]]), abs=1)
