"""What lies over or beside the slides of the bench's lectures and is no part of them."""

from __future__ import annotations

import math
import random

import cv2
import numpy as np

from bench.slides.drawing import Image, make_photo
from bench.slides.lecture import Lecture, Overlay

_FONT = cv2.FONT_HERSHEY_SIMPLEX
_WORDS = tuple(
    word
    for line in (
        "so here we look at the next part and you see how it goes",
        "because every node has two of them which is why I use that one",
    )
    for word in line.split()
)
_TEXT, _MARGIN = (40, 40, 40), 10


def _phrase(rng: random.Random, least: int, most: int) -> str:
    return " ".join(rng.choice(_WORDS) for _ in range(rng.randint(least, most)))


def make_presenter(lecture: Lecture, left: float, top: float, width: float, height: float) -> Overlay:
    """Make a camera inset: a person who moves all the time, in front of a wall."""
    x, y, w, h = (int(v * s) for v, s in zip((left, top, width, height), (lecture.width, lecture.height) * 2, strict=True))
    wall = cv2.GaussianBlur(make_photo(lecture.rng, w, h), (0, 0), 7)
    noise = np.random.default_rng(lecture.rng.randrange(2**31))
    phase = lecture.rng.uniform(0, 6)

    def draw(image: Image, t: float) -> None:
        scene = wall.copy()
        cx = int(w * (0.5 + 0.12 * math.sin(0.8 * t + phase) + 0.03 * math.sin(3.7 * t)))
        cv2.ellipse(scene, (cx, h), (w // 3, int(h * 0.45)), 0, 0, 360, (120, 70, 50), -1)
        cv2.circle(scene, (cx, int(h * 0.4)), h // 5, (150, 180, 225), -1)
        cv2.line(scene, (cx, int(h * 0.8)), (int(cx + w * 0.3 * math.sin(1.6 * t)), int(h * 0.6)), (150, 180, 225), max(3, w // 20))
        grain = noise.normal(0, 4, scene.shape)
        image[y : y + h, x : x + w] = np.clip(scene + grain, 0, 255).astype(np.uint8)

    return draw


def make_grain(lecture: Lecture, strength: float) -> Overlay:
    noise = np.random.default_rng(lecture.rng.randrange(2**31))
    noise_frames = [noise.normal(0, strength, (lecture.height, lecture.width, 1)) for _ in range(7)]

    def draw(image: Image, t: float) -> None:
        image[:] = np.clip(image + noise_frames[round(t * lecture.rate) % 7], 0, 255).astype(np.uint8)

    return draw


def make_clock(lecture: Lecture, step_s: float = 7.0) -> Overlay:
    """Make a bar at the upper edge of the screen with a clock that changes every `step_s`."""
    height = lecture.height // 32

    def draw(image: Image, t: float) -> None:
        image[:height] = 0
        minutes, seconds = divmod(int(t / step_s), 60)
        time = f"10:{41 + minutes}:{seconds:02d}" if step_s == 1 else f"10:{41 + int(t / step_s)}"
        cv2.putText(image, time, (lecture.width - 80, height - 6), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (255, 255, 255), 1, cv2.LINE_AA)

    return draw


def make_subtitles(lecture: Lecture, boxed: bool) -> Overlay:
    """Make subtitles in the middle of the lower edge, in a dark box or outlined: a line every few seconds, with some pauses."""
    rng = random.Random(lecture.rng.randrange(2**31))
    lines: list[tuple[float, str]] = []  # end, text
    end_s = 0.0
    while end_s < 600:
        end_s += rng.uniform(1.8, 4.5)
        lines.append((end_s, _phrase(rng, 4, 8)))
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
            cv2.putText(image, text, (left, bottom), _FONT, size, (0, 0, 0), 6, cv2.LINE_AA)
        cv2.putText(image, text, (left, bottom), _FONT, size, (255, 255, 255), 2, cv2.LINE_AA)

    return draw


def make_chat(lecture: Lecture, share: float) -> Overlay:
    """Make a chat to the right of the slide, which is drawn smaller, in `share` of the width; a message every few seconds."""
    rng = random.Random(lecture.rng.randrange(2**31))
    sent_s = np.cumsum([rng.uniform(1.5, 5.0) for _ in range(200)])
    messages = [f"{rng.choice(('Ada', 'Grace', 'Emmy'))}: {_phrase(rng, 2, 4)}" for _ in sent_s]

    def draw(image: Image, t: float) -> None:
        height, width = image.shape[:2]
        small = cv2.resize(image, (round((1 - share) * width), round((1 - share) * height)), interpolation=cv2.INTER_AREA)
        image[:] = 250
        top = (height - small.shape[0]) // 2
        image[top : top + small.shape[0], : small.shape[1]] = small
        sent = int(np.searchsorted(sent_s, t))
        for row, message in enumerate(messages[max(0, sent - 12) : sent]):
            place = (small.shape[1] + _MARGIN, round(height * (0.06 + 0.075 * row)))
            cv2.putText(image, message, place, _FONT, height / 1500, _TEXT, 1, cv2.LINE_AA)

    return draw


def make_notifications(lecture: Lecture) -> Overlay:
    """Make a notification at the upper right for some seconds now and then."""
    rng = random.Random(lecture.rng.randrange(2**31))
    shown_s = np.cumsum([rng.uniform(9.0, 20.0) for _ in range(60)])
    texts = [_phrase(rng, 3, 4) for _ in shown_s]

    def draw(image: Image, t: float) -> None:
        number = int(np.searchsorted(shown_s, t, side="right")) - 1
        if number < 0 or t - shown_s[number] > 4.0:
            return
        height, width = image.shape[:2]
        corner, end = (round(0.72 * width), round(0.04 * height)), (width - _MARGIN, round(0.15 * height))
        cv2.rectangle(image, corner, end, (250, 250, 250), -1)
        cv2.rectangle(image, corner, end, (170, 170, 170), 1)
        cv2.putText(image, texts[number], (corner[0] + _MARGIN, corner[1] + 30), _FONT, height / 1300, _TEXT, 1, cv2.LINE_AA)

    return draw


def make_ticker(lecture: Lecture) -> Overlay:
    """Make a line of text that runs along the lower edge."""
    text = _phrase(random.Random(lecture.rng.randrange(2**31)), 150, 150)

    def draw(image: Image, t: float) -> None:
        height, width = image.shape[:2]
        image[height - height // 16 :] = 20
        cv2.putText(image, text, (round(width - 80 * t), height - height // 50), _FONT, height / 900, (255, 255, 255), 1, cv2.LINE_AA)

    return draw


def make_exposure(lecture: Lecture, amount: float, period_s: float) -> Overlay:
    """Make the picture brighter and darker by some grey levels, as a camera does that adapts its exposure."""
    phase = lecture.rng.uniform(0, 2 * math.pi)

    def draw(image: Image, t: float) -> None:
        image[:] = np.clip(image + amount * math.sin(2 * math.pi * t / period_s + phase), 0, 255).astype(np.uint8)

    return draw
