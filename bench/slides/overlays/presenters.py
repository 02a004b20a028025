"""Cameras of presenters, in front of the slides."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bench.slides.drawing import Canvas, Image, Overlay, make_photo

_MARGIN = 10


def make_presenter(canvas: Canvas, left: float, top: float, width: float, height: float) -> Overlay:
    """Make a camera inset: a person who moves all the time, in front of a wall."""
    x, y, w, h = (int(v * s) for v, s in zip((left, top, width, height), (canvas.width, canvas.height) * 2, strict=True))
    wall = cv2.GaussianBlur(make_photo(canvas.rng, w, h), (0, 0), 7)
    noise = np.random.default_rng(canvas.rng.randrange(2**31))
    phase = canvas.rng.uniform(0, 6)

    def draw(image: Image, t: float) -> None:
        scene = wall.copy()
        cx = int(w * (0.5 + 0.12 * math.sin(0.8 * t + phase) + 0.03 * math.sin(3.7 * t)))
        cv2.ellipse(scene, (cx, h), (w // 3, int(h * 0.45)), 0, 0, 360, (120, 70, 50), -1)
        cv2.circle(scene, (cx, int(h * 0.4)), h // 5, (150, 180, 225), -1)
        cv2.line(scene, (cx, int(h * 0.8)), (int(cx + w * 0.3 * math.sin(1.6 * t)), int(h * 0.6)), (150, 180, 225), max(3, w // 20))
        grain = noise.normal(0, 4, scene.shape)
        image[y : y + h, x : x + w] = np.clip(scene + grain, 0, 255).astype(np.uint8)

    return draw


def make_round_presenter(canvas: Canvas, height: float) -> Overlay:
    """Make a round camera inset at the lower left."""
    size = int(height * canvas.height)
    top = canvas.height - size - _MARGIN
    circle = np.zeros((size, size, 1), np.uint8)
    cv2.circle(circle, (size // 2, size // 2), size // 2 - 1, (1,), -1)
    draw_square = make_presenter(canvas, _MARGIN / canvas.width, top / canvas.height, size / canvas.width, size / canvas.height)

    def draw(image: Image, t: float) -> None:
        area = image[top : top + size, _MARGIN : _MARGIN + size]
        behind = area.copy()
        draw_square(image, t)
        area[:] = np.where(circle, area, behind)

    return draw


def make_walker(canvas: Canvas, period_s: float) -> Overlay:
    """Make a person who walks past, from the left to the right, every `period_s`."""
    width, floor = canvas.width, canvas.height

    def draw(image: Image, t: float) -> None:
        x = int(width * (-0.4 + 1.8 * (t % period_s / 9)))
        cv2.ellipse(image, (x, floor), (floor // 8, int(0.4584 * floor)), 0, 0, 360, (60, 60, 90), -1)
        cv2.circle(image, (x, floor // 2), floor // 12, (150, 180, 225), -1)

    return draw
