"""Mouse pointers and laser pointers in front of the slides of the bench."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import numpy.typing as npt

from bench.slides.drawing import Canvas, Image, Overlay

PointerShape = Callable[[Image, tuple[int, int], float], None]
_ARROW = np.array([(0, 0), (0, 20), (5, 15), (9, 24), (12, 22), (8, 14), (15, 14)])
_HAND = np.array([(0, 0), (3, -2), (5, 0), (5, 10), (14, 12), (16, 16), (14, 26), (3, 26), (-6, 14), (-3, 12), (0, 14)])


def _draw_outline(image: Image, outline: npt.NDArray[np.float64]) -> None:
    points = outline.astype(np.int32)
    cv2.fillPoly(image, [points], (255, 255, 255), cv2.LINE_AA)
    cv2.polylines(image, [points], True, (0, 0, 0), 1, cv2.LINE_AA)


def _draw_arrow(image: Image, place: tuple[int, int], scale: float) -> None:
    _draw_outline(image, _ARROW * scale + place)


def _draw_hand(image: Image, place: tuple[int, int], scale: float) -> None:
    _draw_outline(image, _HAND * scale + place)


def _draw_i_beam(image: Image, place: tuple[int, int], scale: float) -> None:
    x, y = place
    half = int(12 * scale)
    for start, end in (((x, y - half), (x, y + half)), ((x - 5, y - half), (x + 5, y - half)), ((x - 5, y + half), (x + 5, y + half))):
        cv2.line(image, start, end, (10, 10, 10), 2)


def _draw_laser(image: Image, place: tuple[int, int], scale: float) -> None:
    _draw_disc(image, place, 14 * scale, (60, 60, 255), 0.4)
    cv2.circle(image, place, int(7 * scale), (20, 20, 255), -1, cv2.LINE_AA)


def _draw_marked_arrow(image: Image, place: tuple[int, int], scale: float) -> None:
    _draw_disc(image, place, 28 * scale, (60, 240, 255), 0.5)
    _draw_arrow(image, place, scale)


def _draw_disc(image: Image, place: tuple[int, int], radius: float, colour: tuple[int, int, int], opacity: float) -> None:
    marked = image.copy()
    cv2.circle(marked, place, int(radius), colour, -1)
    cv2.addWeighted(marked, opacity, image, 1 - opacity, 0, image)


POINTERS: tuple[PointerShape, ...] = (_draw_arrow, _draw_hand, _draw_i_beam, _draw_laser, _draw_marked_arrow)


def make_pointer(canvas: Canvas, draw_shape: PointerShape = _draw_arrow) -> Overlay:
    """Make a pointer that rests at one place after another, often on text."""
    stops = [(canvas.rng.uniform(0.05, 0.9), canvas.rng.uniform(0.1, 0.9), canvas.rng.uniform(1, 7)) for _ in range(200)]

    def draw(image: Image, t: float) -> None:
        number = 0
        while t > stops[number][2] + 0.8:
            t -= stops[number][2] + 0.8
            number += 1
        start, end = np.array(stops[number][:2]), np.array(stops[number + 1][:2])
        share = min(1.0, max(0.0, (t - stops[number][2]) / 0.8))
        position = (start + (end - start) * share * share * (3 - 2 * share)) * (canvas.width, canvas.height)
        draw_shape(image, (int(position[0]), int(position[1])), canvas.height / 720)

    return draw
