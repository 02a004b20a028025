"""Slide titles from the words read on a deck's pictures, by size and place."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from domain import OcrWord

_LEAST_CONFIDENCE = 0.3
_MOST_SLIDES = 0.5
_LEAST_DECK = 3
_CELLS = 40
_LOWEST_TITLE = 0.6  # of the height
_LARGE = 0.75  # of the largest line's letters
_ADJACENT = 0.9  # of a line's height between the lines of one title
_MOST_CHARACTERS = 160
_NO_WORDS = "| \t\n"  # the sides of a box are often read as bars
_PAGE_NUMBER = re.compile(r"^\W*(?:page|slide|seite|folie|p\.?)?\s*\d{1,4}(?:\s*(?:/|of|von|de|\|)\s*\d{1,4})?\W*$", re.IGNORECASE)


@dataclass(frozen=True)
class Line:
    """A line of words; all measures are shares of the picture's width or height."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    letters: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


def read_titles(pages: Sequence[tuple[OcrWord, ...]], sizes: Sequence[tuple[int, int]]) -> tuple[str, ...]:
    """A title for each slide, "" where none stands out. `sizes` are the pictures' widths and heights in pixels.

    The title is the largest writing in the upper part. What stands in the same place on most slides (a footer, a logo, the
    name of the course) and page numbers are no titles, unless nothing else is there.
    """
    decks = [_lines(page, size) for page, size in zip(pages, sizes, strict=True)]
    furniture = repeated_lines(decks)
    return tuple(_title([line for line in lines if _key(line) not in furniture]) for lines in decks)


def repeated_lines(decks: Sequence[Sequence[Line]]) -> frozenset[tuple[str, int]]:
    """Footers, logos and the like: keys of the lines that stand in the same place on most slides."""
    if len(decks) < _LEAST_DECK:
        return frozenset()
    counts = Counter(key for lines in decks for key in {_key(line) for line in lines})
    return frozenset(key for key, count in counts.items() if count >= max(_LEAST_DECK, _MOST_SLIDES * len(decks)))


def _key(line: Line) -> tuple[str, int]:
    """What a line has in common with its likes on other slides: its letters, without figures, and its height on the page."""
    bare = re.sub(r"[\W\d_]+", "", line.text).casefold()
    return bare, round((line.top + line.bottom) / 2 * _CELLS / 2)


def _lines(page: Sequence[OcrWord], size: tuple[int, int]) -> list[Line]:
    width, height = max(1, size[0]), max(1, size[1])
    numbered: dict[int, list[OcrWord]] = {}
    for word in page:
        if word.text.strip(_NO_WORDS) and word.confidence >= _LEAST_CONFIDENCE:
            numbered.setdefault(word.line, []).append(word)
    return [_line(words, width, height) for _, words in sorted(numbered.items())]


def _line(words: Sequence[OcrWord], width: int, height: int) -> Line:
    return Line(
        text=" ".join(word.text.strip() for word in words),
        left=min(word.box.x for word in words) / width,
        top=min(word.box.y for word in words) / height,
        right=max(word.box.x + word.box.width for word in words) / width,
        bottom=max(word.box.y + word.box.height for word in words) / height,
        letters=statistics.median(_letters(words)) / height,
    )


def _letters(words: Sequence[OcrWord]) -> list[int]:
    """Heights of what is made of letters or figures: a dash or a sign may be any height."""
    return [word.box.height for word in words if any(char.isalnum() for char in word.text)] or [word.box.height for word in words]


def _title(lines: Sequence[Line]) -> str:
    worthy = [line for line in lines if line.top < _LOWEST_TITLE and any(char.isalpha() for char in line.text)]
    worthy = [line for line in worthy if not _PAGE_NUMBER.match(line.text)]
    if not worthy:
        return ""
    largest = max(line.letters for line in worthy)
    large = [line for line in worthy if line.letters >= _LARGE * largest]
    if len(worthy) > 2 and len(large) == len(worthy):
        large = large[:1]
    parts = [large[0]]
    for line in large[1:]:
        if line.top - parts[-1].bottom > _ADJACENT * parts[-1].height:
            break
        parts.append(line)
    return _shortened(" ".join(part.text for part in parts))


def _shortened(text: str) -> str:
    """The text, cut at a word where it is too long for a title."""
    if len(text) <= _MOST_CHARACTERS:
        return text
    return text[:_MOST_CHARACTERS].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
