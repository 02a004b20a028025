"""Prepare pictures for OCR and clean up the recognised words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import groupby
from pathlib import Path
from statistics import fmean

import cv2
import numpy as np
from cv2.typing import MatLike

import errors
from domain import Box, OcrWord
from services.ocr.port import Picture

_MIN_HEIGHT, _MAX_HEIGHT = 700, 1600
_DARK_MEAN = 110
# The ground is a median of the surroundings, a seventh of the height wide; grey levels of the plane that differs most (red, green or blue).
_GROUND_HEIGHT, _GROUND_KERNEL = 160, 23
_MIN_COLOUR_CONTRAST = 60
_WEAK_SHARE = 0.65
_MATH_SYMBOLS = set("+-=<>×÷±≤≥≠≈→←↔⇒⇔∈∑∏∫√∞·/%&*^|•")


def prepare(path: Path) -> tuple[Picture, float]:
    """Return (grey picture with dark text on a light background, scaled to a size that suits the engines; the scale)."""
    colours = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if colours is None:
        raise errors.StageFailed(f"{path.name} is not a readable picture.")
    picture = cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY)
    contrast = _colour_contrast(colours)
    if float(picture.mean()) < _DARK_MEAN:
        picture = cv2.bitwise_not(picture)
    picture = cv2.min(picture, cv2.bitwise_not(contrast))
    height = picture.shape[0]
    scale = 2.0 if height < _MIN_HEIGHT else min(1.0, _MAX_HEIGHT / height)
    if scale != 1.0:
        picture = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA)
    return picture.astype(np.uint8), scale


def _colour_contrast(colours: MatLike) -> Picture:
    """Return how much each pixel differs from its ground, where brightness shows little of it: lime or orange on white; else 0.

    The engines separate a whole picture into black and white by one brightness. Beside black bars or black text they take such text
    for part of the ground.
    """
    height, width = colours.shape[:2]
    scale = min(1.0, _GROUND_HEIGHT / height)
    coarse = cv2.resize(colours, (max(1, round(width * scale)), max(1, round(height * scale))), interpolation=cv2.INTER_AREA)
    ground = cv2.resize(cv2.medianBlur(coarse, _GROUND_KERNEL), (width, height), interpolation=cv2.INTER_LINEAR)
    by_plane = cv2.absdiff(colours, ground).max(2)
    by_brightness = cv2.absdiff(cv2.cvtColor(colours, cv2.COLOR_BGR2GRAY), cv2.cvtColor(ground, cv2.COLOR_BGR2GRAY))
    is_coloured = (by_plane > _MIN_COLOUR_CONTRAST) & (by_brightness < _WEAK_SHARE * by_plane)
    return np.where(is_coloured, by_plane, np.uint8(0)).astype(np.uint8)


def clean_words(words: Sequence[OcrWord], scale: float, shape: tuple[int, int], min_confidence: float) -> tuple[OcrWord, ...]:
    """Drop noise and words of low confidence; scale the boxes back to the file's pixels. `shape` is the file's (height, width)."""
    clean: list[OcrWord] = []
    number = 0
    for _, group in groupby(words, key=lambda word: word.line):
        line = [word for word in group if word.confidence >= min_confidence and _is_text(word, scale, shape)]
        if line and not _is_noise(line):
            clean += [OcrWord(word.text, _scale_box(word.box, scale, shape), round(word.confidence, 3), number) for word in line]
            number += 1
    return tuple(clean)


def _is_text(word: OcrWord, scale: float, shape: tuple[int, int]) -> bool:
    height = word.box.height / scale
    if any(sign.isalnum() for sign in word.text):
        return height <= 0.5 * shape[0] and word.box.height >= 6
    return word.confidence >= 0.6 and set(word.text) <= _MATH_SYMBOLS


def _is_noise(line: Sequence[OcrWord]) -> bool:
    """Return whether the line has only symbols or short words of low confidence, as photographs and frames produce."""
    confidence = fmean(word.confidence for word in line)
    if not any(sign.isalnum() for word in line for sign in word.text):
        return True
    longest = max(sum(sign.isalnum() for sign in word.text) for word in line)
    return confidence < 0.5 or (longest <= 2 and confidence < 0.75) or (longest == 1 and len(line) == 1 and confidence < 0.85)


def _scale_box(box: Box, scale: float, shape: tuple[int, int]) -> Box:
    left, top = (min(max(0, round(edge / scale)), limit - 1) for edge, limit in ((box.x, shape[1]), (box.y, shape[0])))
    right, bottom = (round((start + length) / scale) for start, length in ((box.x, box.width), (box.y, box.height)))
    return Box(left, top, max(1, min(right, shape[1]) - left), max(1, min(bottom, shape[0]) - top))


def join_lines(words: Iterable[OcrWord]) -> str:
    """Join words into lines of text."""
    return "\n".join(" ".join(word.text for word in line) for _, line in groupby(words, key=lambda word: word.line))
