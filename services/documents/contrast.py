"""The contrast of the text on slides, as WCAG 2.2 defines it (https://www.w3.org/TR/WCAG22/#dfn-contrast-ratio)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from domain import OcrWord, Slide
from services.documents.ocr_lines import ocr_lines

_LARGE_TEXT_SHARE = 0.045  # of the slide's height: about 24 px of 540
_MIN_RATIO, _MIN_LARGE_RATIO = 4.5, 3.0  # success criterion 1.4.3
_WIDTH = 900  # pixels; JPEG is decoded at a half or a quarter of its size, at least so wide
_SRGB = np.arange(256) / 255
_LINEAR = np.where(_SRGB <= 0.04045, _SRGB / 12.92, ((_SRGB + 0.055) / 1.055) ** 2.4)
_WEIGHTS = np.array([0.2126, 0.7152, 0.0722])
_TOLERANCE = 0.85  # edges of letters are blurred, which makes a measured ratio lower than the real one


def weak_lines(slide: Slide, image: Path) -> list[tuple[str, float]]:
    """Return the lines of a slide whose contrast is too low, each with its ratio (1 to 21)."""
    with Image.open(image) as picture:
        full_height = max(1, picture.height)
        picture.draft("RGB", (_WIDTH, 1))  # a page of a deck has more pixels than are needed
        pixels = np.asarray(picture.convert("RGB"))
    height, scale = max(1, slide.height or full_height), pixels.shape[0] / full_height
    weak = []
    for words in ocr_lines(slide.ocr):
        ratio = max(_ratio(word, pixels, scale) for word in words)
        is_large = max(word.box.height for word in words) >= _LARGE_TEXT_SHARE * height
        if ratio and ratio < _TOLERANCE * (_MIN_LARGE_RATIO if is_large else _MIN_RATIO):
            weak.append((" ".join(word.text for word in words), round(ratio, 1)))
    return weak


def _ratio(word: OcrWord, pixels: NDArray[np.uint8], scale: float) -> float:
    """Return the contrast between the lightest and the darkest parts of a word's box; 0 if it lies outside of the picture."""
    box = word.box
    top, bottom, left, right = (round(scale * each) for each in (box.y, box.y + box.height, box.x, box.x + box.width))
    part = pixels[max(0, top) : bottom, max(0, left) : right]
    if part.size == 0:
        return 0.0
    low, high = np.percentile(_LINEAR[part] @ _WEIGHTS, (3, 97))
    return float((high + 0.05) / (low + 0.05))
