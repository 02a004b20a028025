"""Text in front of the slides: subtitles, tickers and watermarks."""

from __future__ import annotations

import random

import cv2

from bench.slides.drawing import Canvas, Image, Overlay, put_text
from bench.slides.overlays.phrases import random_phrase

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_WHITE, _MARGIN = (255, 255, 255), 10


def make_subtitles(canvas: Canvas, boxed: bool) -> Overlay:
    """Make subtitles in the middle of the lower edge, in a dark box or outlined: a line every few seconds, with some pauses."""
    rng = random.Random(canvas.rng.randrange(2**31))
    lines: list[tuple[float, str]] = []  # end, text
    end_s = 0.0
    while end_s < 600:
        end_s += rng.uniform(1.8, 4.5)
        lines.append((end_s, random_phrase(rng, 4, 8)))
        pause_s = rng.choice((0.0, 0.0, 0.0, 0.5, 2.0))
        if pause_s:
            end_s += pause_s
            lines.append((end_s, ""))

    def draw(image: Image, t: float) -> None:
        text = next(line for until_s, line in lines if t < until_s)
        if not text:
            return
        height, width = image.shape[:2]
        size = height / 640
        (text_width, text_height), _ = cv2.getTextSize(text, _FONT, size, 2)
        left, bottom = (width - text_width) // 2, int(0.94 * height)
        if boxed:
            cv2.rectangle(image, (left - _MARGIN, bottom - text_height - 8), (left + text_width + _MARGIN, bottom + _MARGIN), (0, 0, 0), -1)
        else:
            put_text(image, text, (left, bottom), size, (0, 0, 0), 6)
        put_text(image, text, (left, bottom), size, _WHITE, 2)

    return draw


def make_rolling_subtitles(canvas: Canvas, line_s: float) -> Overlay:
    """Make two lines in dark boxes at the lower edge; each moves from the lower place to the upper one when the next line comes."""
    rng = random.Random(canvas.rng.randrange(2**31))
    lines = [random_phrase(rng, 6, 6) for _ in range(600)]

    def draw(image: Image, t: float) -> None:
        height, width = image.shape[:2]
        first, size = int(t / line_s), height / 775
        for row, text in enumerate(lines[first : first + 2]):
            (text_width, text_height), _ = cv2.getTextSize(text, _FONT, size, 1)
            left, bottom = (width - text_width) // 2, int((0.9 + 0.06 * row) * height)
            cv2.rectangle(image, (left - 6, bottom - text_height - 6), (left + text_width + 6, bottom + 8), (20, 20, 20), -1)
            put_text(image, text, (left, bottom), size, (240, 240, 240))

    return draw


def make_ticker(canvas: Canvas) -> Overlay:
    """Make a line of text that runs along the lower edge."""
    text = random_phrase(random.Random(canvas.rng.randrange(2**31)), 150, 150)

    def draw(image: Image, t: float) -> None:
        height, width = image.shape[:2]
        image[height - height // 16 :] = 20
        put_text(image, text, (round(width - 80 * t), height - height // 50), height / 900, _WHITE)

    return draw


def make_watermark() -> Overlay:
    """Make a translucent emblem at the upper right."""

    def draw(image: Image, t: float) -> None:
        width = image.shape[1]
        marked = image.copy()
        cv2.circle(marked, (width - 60, 40), 24, _WHITE, -1)
        put_text(marked, "UniTV", (width - 80, 45), 0.5, (90, 40, 40), 2)
        cv2.addWeighted(marked, 0.5, image, 0.5, 0, image)

    return draw


def make_floating_watermark(canvas: Canvas, rest_s: float) -> Overlay:
    """Make a translucent name that jumps to another place every `rest_s`."""
    rng = random.Random(canvas.rng.randrange(2**31))
    places = [(int(rng.uniform(0.05, 0.6) * canvas.width), int(rng.uniform(0.15, 0.9) * canvas.height)) for _ in range(200)]

    def draw(image: Image, t: float) -> None:
        marked = image.copy()
        put_text(marked, "student 4711", places[int(t / rest_s)], 0.8, (128, 128, 128), 2)
        cv2.addWeighted(marked, 0.4, image, 0.6, 0, image)

    return draw
