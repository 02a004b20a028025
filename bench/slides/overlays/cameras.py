"""What a camera adds that films a projection."""

from __future__ import annotations

import math

import cv2
import numpy as np

from bench.slides.drawing import Canvas, Image, Overlay

_CLOTHES, _SKIN = (60, 50, 40), (140, 170, 210)
_SCREEN_CORNERS = ((0.18, 0.08), (0.9, 0.12), (0.89, 0.74), (0.19, 0.78))


def make_grain(canvas: Canvas, strength: float) -> Overlay:
    noise = np.random.default_rng(canvas.rng.randrange(2**31))
    noise_frames = [np.floor(noise.normal(0, strength, (canvas.height, canvas.width, 1))).astype(np.int16) for _ in range(7)]
    coloured_frames = [np.repeat(frame, 3, axis=2) for frame in noise_frames]

    def draw(image: Image, t: float) -> None:
        cv2.add(image, coloured_frames[round(t * canvas.rate) % 7], image, dtype=cv2.CV_8U)

    return draw


def make_exposure(canvas: Canvas, amount: float, period_s: float) -> Overlay:
    """Make the picture brighter and darker by some grey levels, as a camera does that adapts its exposure."""
    phase = canvas.rng.uniform(0, 2 * math.pi)

    def draw(image: Image, t: float) -> None:
        levels = np.clip(np.arange(256) + amount * math.sin(2 * math.pi * t / period_s + phase), 0, 255)
        cv2.LUT(image, levels.astype(np.uint8), image)

    return draw


def make_uneven_light(canvas: Canvas) -> Overlay:
    """Make the frame paler, and darker towards its corners, as a projector does in a room with some light."""
    y, x = np.mgrid[-1 : 1 : canvas.height * 1j, -1 : 1 : canvas.width * 1j].astype(np.float32)
    gain = (0.92 * (1 - 0.175 * (x * x + y * y)))[..., np.newaxis]

    def draw(image: Image, t: float) -> None:
        image[:] = np.clip(image * gain + 20, 0, 255).astype(np.uint8)

    return draw


def make_room(canvas: Canvas) -> Overlay:
    """Make a room in which the frame is projected on a wall at an angle, and a lecturer who walks and points before it."""
    width, height = canvas.width, canvas.height
    shades = np.random.default_rng(canvas.rng.randrange(2**31)).normal(70, 25, (9, 9, 3))
    wall = cv2.resize(shades.clip(0, 255).astype(np.uint8), (width, height), interpolation=cv2.INTER_CUBIC)
    size = np.array([width, height], np.float32)
    frame_corners = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], np.float32) * size
    projection = cv2.getPerspectiveTransform(frame_corners, np.array(_SCREEN_CORNERS, np.float32) * size)
    is_screen = cv2.warpPerspective(np.ones((height, width), np.uint8), projection, (width, height))

    def draw(image: Image, t: float) -> None:
        screen = cv2.convertScaleAbs(cv2.warpPerspective(image, projection, (width, height)), alpha=0.85, beta=15)
        image[:] = wall
        cv2.copyTo(screen, is_screen, image)
        x = int(width * (0.12 + 0.08 * math.sin(0.35 * t) + 0.01 * math.sin(3 * t)))
        cv2.ellipse(image, (x, height), (int(0.07 * width), int(0.42 * height)), 0, 0, 360, _CLOTHES, -1)
        cv2.circle(image, (x, int(0.55 * height)), int(0.06 * height), _SKIN, -1)
        hand = (int(x + 0.1 * width * abs(math.sin(0.6 * t))), int((0.7 - 0.1 * math.sin(1.1 * t)) * height))
        cv2.line(image, (x, int(0.75 * height)), hand, _CLOTHES, 12)

    return draw


def make_hand(canvas: Canvas, reach: float) -> Overlay:
    """Film the picture with a telephone in the hand: it sways slowly by up to `reach` of the width, turns, comes nearer, and trembles."""
    phases = [canvas.rng.uniform(0, 2 * math.pi) for _ in range(6)]
    tremble = np.random.default_rng(canvas.rng.randrange(2**31))
    width, height = canvas.width, canvas.height

    def wave(number: int, period_s: float, t: float) -> float:
        return math.sin(2 * math.pi * t / period_s + phases[number])

    def draw(image: Image, t: float) -> None:
        angle, zoom = 0.7 * wave(0, 6.1, t), 1 + 0.6 * reach * wave(1, 9.7, t)
        move = cv2.getRotationMatrix2D((width / 2, height / 2), angle, zoom)
        x = reach * (0.6 * wave(2, 7.3, t) + 0.4 * wave(3, 2.9, t))
        y = 0.7 * reach * (0.6 * wave(4, 5.3, t) + 0.4 * wave(5, 2.3, t))
        move[:, 2] += np.array([x, y]) * width + tremble.normal(0, 0.0006, 2) * width
        image[:] = cv2.warpAffine(image, move, (width, height), borderMode=cv2.BORDER_REPLICATE)

    return draw
