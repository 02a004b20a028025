"""The words of a page of a PDF with their boxes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from domain import Box, OcrWord
from lib.text import clean_text


def words_of(text_page: Any, height: float, scale: float) -> Iterator[OcrWord]:
    """Yield the words of a page of pypdfium2 with their boxes, in pixels of a picture of `height * scale`.

    A new line begins where a word is left of the one before, or far above or below it.
    """
    line, last = 0, (0.0, 0.0, 0.0, 0.0)
    for text, (left, bottom, right, top) in _runs(text_page):
        if last != (0.0, 0.0, 0.0, 0.0) and (left < last[0] or bottom > last[3] or top < last[1]):
            line += 1
        last = (left, bottom, right, top)
        box = Box(round(left * scale), round((height - top) * scale), round((right - left) * scale), round((top - bottom) * scale))
        if box.width > 0 and box.height > 0:
            yield OcrWord(text, box, 1.0, line)


def _runs(text_page: Any) -> Iterator[tuple[str, tuple[float, float, float, float]]]:
    """Yield each run of characters between spaces with its box: left, bottom, right, top in points."""
    text = text_page.get_text_range()
    word, boxes = "", list[tuple[float, float, float, float]]()
    for index, character in enumerate(text[: text_page.count_chars()]):
        if not character.isspace():
            word += character
            boxes.append(text_page.get_charbox(index))
        if word and (character.isspace() or index == len(text) - 1):
            lefts, bottoms, rights, tops = zip(*boxes, strict=True)
            if clean_word := clean_text(word):
                yield clean_word, (min(lefts), min(bottoms), max(rights), max(tops))
            word, boxes = "", []
