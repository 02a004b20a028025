"""What meeting software shows beside the slides and in front of them."""

from __future__ import annotations

import random
from collections.abc import Sequence

import cv2
import numpy as np

from bench.slides.drawing import Canvas, Image, Overlay, put_text, shrink
from bench.slides.overlays.phrases import random_phrase
from bench.slides.overlays.presenters import make_presenter

_TEXT, _WHITE, _GREEN = (40, 40, 40), (255, 255, 255), (60, 220, 90)
_MARGIN = 10
_SLIDE_SHARE, _TILE_LEFT, _TILE_WIDTH, _TILE_GAP, _MAX_TILE_HEIGHT = 0.75, 0.78, 0.2, 0.02, 0.24


def make_gallery(canvas: Canvas, names: Sequence[str], still: str = "", title: str = "") -> Overlay:
    """Make a column of participants to the right of the slide, with a frame round the active speaker. `still`: whose camera hangs."""
    pitch = min(_MAX_TILE_HEIGHT + _TILE_GAP, 0.96 / len(names))
    tile_height = pitch - _TILE_GAP
    tops = [(1 - pitch * len(names) + _TILE_GAP) / 2 + pitch * row for row in range(len(names))]
    tiles = [make_presenter(canvas, _TILE_LEFT, top, _TILE_WIDTH, tile_height) for top in tops]

    def draw(image: Image, t: float) -> None:
        height, width = image.shape[:2]
        slide_height = int(_SLIDE_SHARE * height)
        shrink(image, (0, (height - slide_height) // 2, int(_SLIDE_SHARE * width), slide_height), 32)
        put_text(image, title, (_MARGIN, 18), 0.45, _WHITE)
        for row, (name, top) in enumerate(zip(names, tops, strict=True)):
            tiles[row](image, 0.0 if name == still else t)
            put_text(image, name, (int((_TILE_LEFT + 0.01) * width), int((top + tile_height - 0.02) * height)), 0.5, _WHITE)
            if int(t / 4) % len(names) == row:
                corner = (int(_TILE_LEFT * width), int(top * height))
                end = (int((_TILE_LEFT + _TILE_WIDTH) * width), int((top + tile_height) * height))
                cv2.rectangle(image, corner, end, _GREEN, 3)

    return draw


def make_chat(canvas: Canvas, share: float) -> Overlay:
    """Make a chat to the right of the slide, which is drawn smaller, in `share` of the width; a message every few seconds."""
    rng = random.Random(canvas.rng.randrange(2**31))
    sent_s = np.cumsum([rng.uniform(1.5, 5.0) for _ in range(200)])
    messages = [f"{rng.choice(('Ada', 'Grace', 'Emmy'))}: {random_phrase(rng, 2, 4)}" for _ in sent_s]

    def draw(image: Image, t: float) -> None:
        height, width = image.shape[:2]
        slide_width, slide_height = round((1 - share) * width), round((1 - share) * height)
        shrink(image, (0, (height - slide_height) // 2, slide_width, slide_height), 250)
        sent = int(np.searchsorted(sent_s, t))
        for row, message in enumerate(messages[max(0, sent - 12) : sent]):
            put_text(image, message, (slide_width + _MARGIN, round(height * (0.06 + 0.075 * row))), height / 1500, _TEXT)

    return draw


def make_notifications(canvas: Canvas, least_pause_s: float = 9.0, most_pause_s: float = 20.0) -> Overlay:
    """Make a notification at the upper right for four seconds now and then."""
    rng = random.Random(canvas.rng.randrange(2**31))
    shown_s = np.cumsum([rng.uniform(least_pause_s, most_pause_s) for _ in range(60)])
    texts = [random_phrase(rng, 3, 4) for _ in shown_s]

    def draw(image: Image, t: float) -> None:
        number = int(np.searchsorted(shown_s, t, side="right")) - 1
        if number < 0 or t - shown_s[number] > 4.0:
            return
        height, width = image.shape[:2]
        corner, end = (round(0.72 * width), round(0.04 * height)), (width - _MARGIN, round(0.15 * height))
        cv2.rectangle(image, corner, end, (250, 250, 250), -1)
        cv2.rectangle(image, corner, end, (170, 170, 170), 1)
        put_text(image, texts[number], (corner[0] + _MARGIN, corner[1] + 30), height / 1300, _TEXT)

    return draw
