"""What moves inside the slides of the bench's lectures."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bench.slides.drawing import Image, make_photo
from bench.slides.lecture import Animation, Lecture


def make_clip(lecture: Lecture, box: tuple[float, float, float, float], start_s: float, end_s: float) -> Animation:
    """Make a video clip with cuts that plays inside the slide from `start_s` to `end_s`; before and after it is a still picture."""
    x, y, w, h = (int(v * s) for v, s in zip(box, (lecture.width, lecture.height) * 2, strict=True))
    scenes = [make_photo(lecture.rng, w * 2, h) for _ in range(3)]

    def draw(image: Image, t: float) -> Image:
        u = min(max(t, start_s), end_s) - start_s
        scene = scenes[int(u / 2.6) % 3]
        pan = int(w * (0.5 - 0.5 * math.cos(0.9 * u)))
        image = image.copy()
        image[y : y + h, x : x + w] = scene[:, pan : pan + w]
        cv2.circle(image, (int(x + w * (0.5 + 0.4 * math.sin(2 * u))), y + h // 2), h // 8, (60, 220, 240), -1)
        return image

    return draw


def make_box(lecture: Lecture, box: tuple[float, float, float, float], start_s: float, end_s: float) -> Animation:
    """Make a dark toolbar or window in front of the slide from `start_s` to `end_s`."""
    x, y, w, h = (int(v * s) for v, s in zip(box, (lecture.width, lecture.height) * 2, strict=True))

    def draw(image: Image, t: float) -> Image:
        if not start_s <= t < end_s:
            return image
        image = image.copy()
        cv2.rectangle(image, (x, y), (x + w, y + h), (60, 60, 60), -1)
        cv2.putText(image, "Slide  Pointer  Exit", (x + 12, y + 26), cv2.FONT_HERSHEY_SIMPLEX, 0.6, (230, 230, 230), 1, cv2.LINE_AA)
        return image

    return draw


def make_chart(phase: float) -> Animation:
    """Make a chart with two curves that drift, in the middle of the slide."""

    def draw(image: Image, t: float) -> Image:
        image = image.copy()
        x = np.arange(0, 420, 4)
        for line, colour in enumerate(((200, 60, 40), (40, 140, 40))):
            y = 330 + 60 * np.sin(x / (60 + 20 * line) + phase + 0.4 * t) + 20 * line
            cv2.polylines(image, [np.stack([x + 460, y], 1).astype(np.int32)], False, colour, 2, cv2.LINE_AA)
        return image

    return draw
