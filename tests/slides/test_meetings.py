"""Slides beside participants of a meeting, who are still: they do not count as the slide's content."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from services.slides.decoder import GrayImage
from services.slides.parameters import DEFAULTS
from tests.slides.sequences import beside_participants, detect, draw_page, visits

BROWSER = draw_page(["Your message", "Greetings, fellow humans", "Send", "Hello, world!", "Test", "Another message"])
EDITOR = 255 - draw_page(
    ["Project", *(f"node app listens to port {number} of the database server and waits" for number in range(7))], left=10
)
TITLE = draw_page(["Databases", "A seminar", "Winter term", "Room 12", "Second week", "Introduction"], left=90)


def shown(slides: Sequence[GrayImage]) -> list[list[list[float]]]:
    return visits(detect([(beside_participants(slide), 6.0) for slide in slides]))


def test_windows_that_alternate_beside_participants_have_a_visit_each_time() -> None:
    assert shown([TITLE, BROWSER, EDITOR, BROWSER, EDITOR]) == [[[0.0, 6.0]], [[6.0, 12.0], [18.0, 24.0]], [[12.0, 18.0], [24.0, 30.0]]]


def test_a_title_and_full_slides_beside_participants_have_a_page_each() -> None:
    full_slides = [
        draw_page([f"{topic} of graphs", *(f"{topic} of the vertices {number} and their edges" for number in range(7))])
        for topic in ("Degrees", "Matchings")
    ]
    titles = [draw_page(["Graphs", "Vertices"]), draw_page(["Trees", "Leaves"])]
    assert shown([*titles, full_slides[0], titles[1], full_slides[1]]) == [
        [[0.0, 6.0]],
        [[6.0, 12.0], [18.0, 24.0]],
        [[12.0, 18.0]],
        [[24.0, 30.0]],
    ]


def test_a_participant_who_shows_a_picture_does_not_begin_a_slide() -> None:
    before = [beside_participants(slide) for slide in (TITLE, EDITOR, BROWSER)]
    after = before[-1].copy()
    cv2.circle(after, (420, 100), 24, 200, -1)
    frames = [*((picture, 6.0) for picture in before), (after, 6.0)]
    assert visits(detect(frames)) == [[[0.0, 6.0]], [[6.0, 12.0]], [[12.0, 24.0]]]


def test_the_fullest_state_is_chosen_by_the_slide_though_participants_move_only_later() -> None:
    period_s, noise = DEFAULTS.sampling.period_s, np.random.default_rng(1)
    less, more = (
        beside_participants(draw_page(["Your message", "Greetings, fellow humans", "Send", *rest])) for rest in ([], ["Hello", "Test"])
    )
    frames = [(less, 6.0), (beside_participants(EDITOR), 6.0)]
    for _ in range(round(12 / period_s)):
        picture = more.copy()
        picture[8:258, 372:470] = noise.integers(60, 200, (25, 14), np.uint8).repeat(10, 0).repeat(7, 1)
        frames.append((picture, period_s))
    pages = detect(frames).pages
    assert len(pages) == 2
    assert pages[0].best_frame.time_s > 12.0
