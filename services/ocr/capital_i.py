"""Correction of "Al" to "AI": Tesseract's English model reads the capital I after an A as a small l in every sans-serif font."""

from __future__ import annotations

import re
from dataclasses import replace

from domain import OcrWord
from services.ocr.port import Picture

# At the end, in plurals, in names such as AIBot and in compounds such as AI-based; but not Alan, Al-Khwarizmi or Al2O3.
_AL = re.compile(r"(?<![A-Z])Al(?=$|s?[^\w-]|s$|[A-Z]|-[a-z])")
_SEVERAL_PARTS = set("ij:;!?=%\"'“”‘’äöüÄÖÜ÷")  # and other letters whose parts do not touch
# In many fonts the small l is taller than capitals, by 4 to 7 %. In others both look the same; AI is by far the more common word then.
_MIN_TALLER_SHARE, _MIN_TALLER_PIXELS = 0.03, 2


def correct_capital_i(word: OcrWord, picture: Picture) -> OcrWord:
    """Return the word with "AI" instead of "Al", unless the picture shows that its l is taller than its A."""
    text = word.text
    for match in _AL.finditer(word.text):
        if not _is_taller(word, picture, match.start() + 1, match.start()):
            text = text[: match.start()] + "AI" + text[match.end() :]
    return word if text == word.text else replace(word, text=text)


def _is_taller(word: OcrWord, picture: Picture, number: int, other_number: int) -> bool:
    """Whether a letter of the word is certainly taller than another one."""
    heights = _letter_heights(word, picture)
    if len(heights) != len(word.text) or _SEVERAL_PARTS & set(word.text):
        return False
    difference = heights[number] - heights[other_number]
    return difference >= max(_MIN_TALLER_PIXELS, _MIN_TALLER_SHARE * heights[other_number])


def _letter_heights(word: OcrWord, picture: Picture) -> list[int]:
    """Return the heights of the connected parts of a word of dark text, from left to right."""
    import cv2
    import numpy as np

    box = word.box
    image = np.ascontiguousarray(picture[box.y : box.y + box.height, box.x : box.x + box.width])
    if image.size == 0:
        return []
    letters = cv2.threshold(image, 0, 1, cv2.THRESH_BINARY_INV | cv2.THRESH_OTSU)[1]
    _, _, stats, _ = cv2.connectedComponentsWithStats(letters)
    return [height for _, height in sorted((left, height) for left, _, _, height, _ in stats[1:].tolist())]
