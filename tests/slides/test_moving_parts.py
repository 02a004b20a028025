"""Parts of the picture that move: a camera inset, a video clip on a slide, a person in front of the board."""

from __future__ import annotations

import itertools

import cv2
import numpy as np
import pytest

from services.slides.decoder import GrayImage
from services.slides.grid import DiffSettings, Grid
from services.slides.motion import MotionDetector
from services.slides.parameters import DEFAULTS
from services.slides.sample_schedule import Sample
from tests.slides.sequences import SIZE, detect, detect_sparse, draw_page

Frame = tuple[GrayImage, float]

STEP_S = DEFAULTS.sampling.period_s
PAGES = [draw_page([title, f"{title} of a graph", f"{title} of a tree"]) for title in ("Paths", "Cycles", "Colours")]
INSET = (380, 180, 90, 80)  # left, top, width, height
CLIP = (250, 90, 160, 110)


def with_presenter(page: GrayImage, number: int) -> GrayImage:
    """Draw a camera inset in which a head sways and a hand moves now and then."""
    left, top, width, height = INSET
    inset = np.full((height, width), 120, np.uint8)
    centre = (width // 2 + round(9 * np.sin(0.9 * number)), height // 2)
    cv2.ellipse(inset, (centre[0], height), (30, 30), 0, 0, 360, 60, -1)
    cv2.circle(inset, centre, 16, 200, -1, cv2.LINE_AA)
    picture = page.copy()
    picture[top : top + height, left : left + width] = inset
    return picture


def with_clip(page: GrayImage, number: int) -> GrayImage:
    """Draw a frame of a clip: a texture that moves on, and another one every ten frames."""
    left, top, width, height = CLIP
    noise = np.random.default_rng(number // 10).integers(0, 255, (30, 60), np.uint8)
    texture = cv2.resize(noise, (2 * width, height), interpolation=cv2.INTER_CUBIC)
    shift = 7 * (number % 10)
    picture = page.copy()
    picture[top : top + height, left : left + width] = texture[:, shift : shift + width]
    return picture


def with_person(page: GrayImage, middle: int) -> GrayImage:
    picture = page.copy()
    cv2.ellipse(picture, (middle, SIZE[1]), (45, 130), 0, 0, 360, 70, -1)
    cv2.circle(picture, (middle, 120), 28, 150, -1)
    return picture


def test_slides_beside_a_camera_inset_have_a_page_each_and_the_inset_is_ignored() -> None:
    frames = [(with_presenter(page, 48 * number + step), STEP_S) for number, page in enumerate(PAGES) for step in range(48)]
    detection = detect(frames)
    assert [page.spans[0][0] for page in detection.pages] == pytest.approx([0, 12, 24], abs=0.5)
    (ignored,) = detection.ignored
    left, top, width, height = INSET
    corners = [left / SIZE[0], top / SIZE[1], (left + width) / SIZE[0], (top + height) / SIZE[1]]
    assert ignored == pytest.approx(corners, abs=0.1)


@pytest.mark.parametrize("begin_s", [20.0, 20.5, 21.0, 21.5])
def test_a_camera_picture_moves_habitually_though_it_stood_still_before_and_afterwards(begin_s: float) -> None:
    moves_s, step_s = 11.0, 0.5
    steps = [min(max(0.0, number * step_s - begin_s), moves_s) / step_s for number in range(104)]
    images = [with_presenter(PAGES[0], 3 * round(step)) for step in steps]
    samples = [Sample(number * step_s, max(0, number - 1) * step_s, number * step_s, False, image) for number, image in enumerate(images)]
    grid = Grid.for_image(images[0], DEFAULTS.grid)
    detector = MotionDetector(grid, DiffSettings(DEFAULTS.camera.contrast_normal), DEFAULTS.motion, DEFAULTS.drift)
    middle_s = begin_s + moves_s / 2
    masks = [motion.moving_blocks for motion in detector.detect(samples) if abs(motion.sample.time_s - middle_s) < 1]
    left, top, width, height = (side // grid.side for side in INSET)
    assert all(mask[top : top + height, left : left + width].mean() > 0.5 for mask in masks)


@pytest.mark.parametrize("frame_gap_s", [0.5, 1.0])
def test_a_camera_inset_of_few_frames_a_second_moves_habitually(frame_gap_s: float) -> None:
    detection = detect_sparse([(with_presenter(PAGES[number // 24], number), frame_gap_s) for number in range(72)], frame_gap_s)
    assert [page.spans[0][0] for page in detection.pages] == pytest.approx([0, 24 * frame_gap_s, 48 * frame_gap_s], abs=frame_gap_s)
    assert len(detection.ignored) == 1


def test_a_clip_that_plays_on_a_slide_belongs_to_it() -> None:
    playing = [(with_clip(PAGES[0], number), STEP_S) for number in range(1, 48)]
    detection = detect([(with_clip(PAGES[0], 0), 6.0), *playing, (with_clip(PAGES[0], 48), 6.0), (PAGES[1], 6.0)])
    assert [page.spans[0][0] for page in detection.pages] == pytest.approx([0, 23.75], abs=0.5)


def test_a_person_who_stops_in_front_of_the_text_is_not_on_the_page() -> None:
    places = [*range(-60, 150, 25), *[150] * 12, *range(150, 560, 25)]
    detection = detect([(PAGES[0], 6.0), *((with_person(PAGES[0], place), STEP_S) for place in places), (PAGES[0], 8.0)])
    (page,) = detection.pages
    assert page.best_frame.time_s < 6 or page.best_frame.time_s > 6 + STEP_S * len(places)


TEXTS = [
    ("Gradients", "to the bottom", "and across"),
    ("Pictures", "one behind the text", "sharp at once"),
    ("Colours", "named or mixed", "with some light"),
    ("Motion", "from left to right", "or not at all"),
    ("Sounds", "quiet and loud", "between the words"),
    ("Tables", "rows, then columns", "sums at the end"),
    ("Links", "to other slides", "and back again"),
    ("Questions", "what is missing?", "who has tried it?"),
]


def test_slides_that_a_codec_refines_until_the_next_one_fades_in_are_no_clip() -> None:
    rng = np.random.default_rng(4)
    grounds = [np.tile(np.linspace(*ends, SIZE[0]).astype(np.uint8), (SIZE[1], 1)) for ends in ((90, 150), (170, 110), (120, 190))]
    slides = []
    for number in range(8):
        slide = grounds[number % 3].copy()
        for row, text in enumerate(TEXTS[number]):
            cv2.putText(slide, text, (40, 80 + 60 * row), cv2.FONT_HERSHEY_SIMPLEX, 0.9, 250, 2, cv2.LINE_AA)
        slides.append(slide)
    frames = []
    for before, slide in itertools.pairwise([slides[0], *slides]):
        frames += [(cv2.addWeighted(before, 1 - share, slide, share, 0), STEP_S) for share in (0.3, 0.6, 0.9)]
        for _ in range(10):
            coded = slide.copy()
            coded[rng.random(slide.shape) < 0.03] -= 25
            frames.append((coded, STEP_S))
        frames.append((slide, 0.75))
    detection = detect(frames)
    assert [page.spans[0][0] for page in detection.pages] == pytest.approx([4 * number for number in range(8)], abs=1.0)
    assert not detection.ignored


def test_slides_that_change_often_under_a_presenter_are_no_motion() -> None:
    frames: list[Frame] = []
    for number in range(8):
        words = ("First", "Then", "Now", "So", "And", "Thus")
        page = draw_page(
            [f"Part {number}", *(f"{word} the {number + 3}th example, with a proof of it, and what follows" for word in words)]
        )
        steps = [cv2.GaussianBlur(page, (0, 0), 4), cv2.GaussianBlur(page, (0, 0), 2), *[page] * 14]  # as a codec refines it
        frames += [(with_presenter(step, 16 * number + count), STEP_S) for count, step in enumerate(steps)]
    pages = detect(frames).pages
    assert [page.spans[0][0] for page in pages] == pytest.approx([4.0 * number for number in range(8)], abs=1.0)


def test_a_slide_after_a_film_that_played_over_the_one_before_has_a_page() -> None:
    film = [(cv2.resize(with_clip(PAGES[0], number)[90:200, 250:410], SIZE), STEP_S) for number in range(40)]
    pages = detect([(PAGES[0], 10.0), *film, (PAGES[1], 10.0), (PAGES[0], 6.0)]).pages
    starts = {round(2 * page.spans[0][0]) / 2 for page in pages}
    assert {0.0, 20.0} <= starts
    assert [page for page in pages if page.spans[0][0] == pytest.approx(20, abs=0.5) and 20 < page.best_frame.time_s < 30]
