"""Groups the recognised words of a picture by line."""

from __future__ import annotations

from collections.abc import Sequence

from domain import OcrWord


def ocr_lines(words: Sequence[OcrWord]) -> list[list[OcrWord]]:
    """Group words by line, in reading order."""
    lines: dict[int, list[OcrWord]] = {}
    for word in words:
        if word.text.strip() and word.box.width > 0 and word.box.height > 0:
            lines.setdefault(word.line, []).append(word)
    return list(lines.values())
