"""What lies beside the slides and changes without them is no content: a chat, participants without a camera."""

from __future__ import annotations

import cv2
import numpy as np

from services.slides.decoder import GrayImage
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import SIZE, detect, draw_page, visits

WIDTH, HEIGHT = SIZE
SLIDES = [
    draw_page(lines)
    for lines in (
        ["Graphs", "Nodes are joined by edges", "A path visits some of them", "How many are there?"],
        ["Network flows", "What leaves a source arrives", "No more than the capacity", "Cuts bound the flow"],
        ["Minors", "Contract an edge or delete it", "Planar ones have no K5", "A theorem by Wagner"],
        ["Trees", "There is one path only", "Remove any edge: two parts", "Leaves have degree one"],
        ["Colours", "Neighbours differ", "Four of them are enough", "Brooks gives a bound"],
    )
]
MESSAGES = ("good morning all", "is it audible", "yes it is fine", "which page", "page ten I think", "thank you", "see you then")
PERIOD_S = DEFAULTS.sampling.period_s


def beside(slide: GrayImage, ground: int) -> GrayImage:
    """Draw the slide at three quarters of its size, with space on the right."""
    image = np.full((HEIGHT, WIDTH), ground, np.uint8)
    small = cv2.resize(slide, (3 * WIDTH // 4, 3 * HEIGHT // 4), interpolation=cv2.INTER_AREA)
    image[30 : 30 + small.shape[0], : small.shape[1]] = small
    return image


def write(image: GrayImage, text: str, left: int, top: int, level: int) -> None:
    cv2.putText(image, text, (left, top), cv2.FONT_HERSHEY_SIMPLEX, 0.35, level, 1, cv2.LINE_AA)


def test_a_chat_beside_the_slides_divides_none() -> None:
    frames = []
    for number in range(round(60 / PERIOD_S)):
        time_s = number * PERIOD_S
        image = beside(SLIDES[int(time_s / 12)], 250)
        sent = int(time_s / 2.9) + 1
        for row, message in enumerate(range(max(0, sent - 9), sent)):
            write(image, f"{message}: {MESSAGES[message % len(MESSAGES)]}", 3 * WIDTH // 4 + 4, 20 + 26 * row, 30)
        frames.append((image, PERIOD_S))
    assert visits(detect(frames)) == [[[12.0 * number, 12.0 * number + 12]] for number in range(5)]


def test_a_frame_round_the_participant_who_speaks_divides_no_slide() -> None:
    frames = []
    for number in range(round(60 / PERIOD_S)):
        time_s = number * PERIOD_S
        image = beside(SLIDES[int(time_s / 12)], 235)
        for row in range(4):
            left, top = 3 * WIDTH // 4 + 10, 6 + 65 * row
            cv2.circle(image, (left + 50, top + 28), 18, 150, -1)
            write(image, ("Ada L", "Grace H", "Emmy N", "Alan T")[row], left + 4, top + 56, 30)
            if int(time_s / 5) % 4 == row:
                cv2.rectangle(image, (left, top), (left + 100, top + 60), 90, 2)
        frames.append((image, PERIOD_S))
    assert visits(detect(frames)) == [[[12.0 * number, 12.0 * number + 12]] for number in range(5)]


def test_a_column_that_is_built_up_on_every_slide_is_content() -> None:
    lines = ("first", "second", "third", "fourth")
    frames = []
    for number, slide in enumerate(SLIDES):
        for count in range(len(lines) + 1):
            image = beside(slide, 245)
            for row, line in enumerate(lines[:count]):
                write(image, f"{line} of {number}", 3 * WIDTH // 4 + 10, 60 + 40 * row, 25)
            frames.append((image, 3.0))
    detection = detect(frames)
    assert visits(detection) == [[[15.0 * number, 15.0 * number + 15]] for number in range(5)]
    assert [len(page.builds) for page in detection.pages] == [len(lines)] * 5
    assert all(page.best_frame.time_s > 15 * number + 12 for number, page in enumerate(detection.pages))
