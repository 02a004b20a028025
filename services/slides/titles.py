"""Slide titles from the words read by OCR, by size and position."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from domain import OcrWord
from services.slides.parameters import DEFAULTS, TitleParameters

_NOT_TEXT = "| \t\n"  # OCR often reads the sides of a box as bars
_PAGE_NUMBER = re.compile(r"^\W*(?:page|slide|seite|folie|p\.?)?\s*\d{1,4}(?:\s*(?:/|of|von|de|\|)\s*\d{1,4})?\W*$", re.IGNORECASE)
# A number and perhaps its unit: "85 °C", but not "2. Or", which is a heading.
_QUANTITY = re.compile(r"^[^\w.]*\d+(?:[.,: ]\d+)*[^\w.):]*(?:[A-Za-zµμΩ]{1,2}\W*)?$")
_LIST_ITEM = re.compile(r"[•·▪◦●○■□►▶‣–—*+-]\s|\(?\d{1,2}[.)]\s")


@dataclass(frozen=True)
class TextLine:
    """A line of words; positions and sizes are shares of the picture's width or height."""

    text: str
    left: float
    top: float
    right: float
    bottom: float
    letter_height: float

    @property
    def height(self) -> float:
        return self.bottom - self.top


def read_titles(
    pages: Sequence[tuple[OcrWord, ...]], sizes: Sequence[tuple[int, int]], parameters: TitleParameters = DEFAULTS.titles
) -> tuple[str, ...]:
    """Return a title for each slide, "" if no line stands out. `sizes` are widths and heights of the pictures in pixels.

    The title is the largest text in the upper part; on a slide of one short sentence it is the sentence. Page numbers, and text at the
    same position on most slides (a footer, a logo, the name of the course), are not titles. A quantity such as "85 °C" is one only if
    there is no other line.
    """
    slides = [_group_lines(page, size, parameters) for page, size in zip(pages, sizes, strict=True)]
    repeated_keys = find_repeated_lines(slides, parameters)
    return tuple(
        _choose_title([line for line in lines if _line_key(line, parameters) not in repeated_keys], parameters) for lines in slides
    )


def find_repeated_lines(slides: Sequence[Sequence[TextLine]], parameters: TitleParameters) -> frozenset[tuple[str, int]]:
    """Return the keys of the lines at the same position on most slides: footers, logos."""
    if len(slides) < parameters.min_repeats:
        return frozenset()
    counts = Counter(key for lines in slides for key in {_line_key(line, parameters) for line in lines})
    min_count = max(parameters.min_repeats, parameters.repeated_share * len(slides))
    return frozenset(key for key, count in counts.items() if count >= min_count)


def _line_key(line: TextLine, parameters: TitleParameters) -> tuple[str, int]:
    """Return the key by which lines of different slides are equal: the letters, without digits, and the position on the page."""
    letters = re.sub(r"[\W\d_]+", "", line.text).casefold()
    return letters, round((line.top + line.bottom) / 2 * parameters.positions)


def _group_lines(page: Sequence[OcrWord], size: tuple[int, int], parameters: TitleParameters) -> list[TextLine]:
    width, height = max(1, size[0]), max(1, size[1])
    by_number: dict[int, list[OcrWord]] = {}
    for word in page:
        if word.text.strip(_NOT_TEXT) and word.confidence >= parameters.min_confidence:
            by_number.setdefault(word.line, []).append(word)
    return [_join_words(words, width, height, parameters) for _, words in sorted(by_number.items())]


def _join_words(words: Sequence[OcrWord], width: int, height: int, parameters: TitleParameters) -> TextLine:
    main_words = max(_split_at_wide_gaps(words, parameters), key=_area_of_letters)
    return TextLine(
        text=" ".join(word.text.strip() for word in main_words),
        left=min(word.box.x for word in main_words) / width,
        top=min(word.box.y for word in words) / height,
        right=max(word.box.x + word.box.width for word in main_words) / width,
        bottom=max(word.box.y + word.box.height for word in words) / height,
        letter_height=statistics.median(_letter_heights(words)) / height,
    )


def _split_at_wide_gaps(words: Sequence[OcrWord], parameters: TitleParameters) -> list[list[OcrWord]]:
    """Return the parts of what OCR read as one line: the heading, and what is in a chat beside it at the same height."""
    max_gap = parameters.max_word_gap * statistics.median(_letter_heights(words))
    parts: list[list[OcrWord]] = [[]]
    for word in words:
        if parts[-1] and word.box.x - parts[-1][-1].box.x - parts[-1][-1].box.width > max_gap:
            parts.append([])
        parts[-1].append(word)
    return parts


def _area_of_letters(words: Sequence[OcrWord]) -> float:
    """Return about how much room words take, in square pixels."""
    return sum(len(word.text) for word in words) * statistics.median(_letter_heights(words)) ** 2


def _letter_heights(words: Sequence[OcrWord]) -> list[int]:
    """Return the heights of words with letters or digits, if there are any: a dash or a symbol may have any height."""
    return [word.box.height for word in words if any(char.isalnum() for char in word.text)] or [word.box.height for word in words]


def _choose_title(lines: Sequence[TextLine], parameters: TitleParameters) -> str:
    candidates = [line for line in lines if line.top < parameters.lowest_top and any(char.isalpha() for char in line.text)]
    candidates = [line for line in candidates if not _PAGE_NUMBER.match(line.text)]
    candidates = [line for line in candidates if not _QUANTITY.match(line.text)] or candidates
    if not candidates:
        return ""
    largest = max(line.letter_height for line in candidates)
    large = [line for line in candidates if line.letter_height >= parameters.large_share * largest]
    large.sort(key=lambda line: line.top)  # OCR may read the lines of one heading as two blocks, in either order
    parts = [large[0]]
    for line in large[1:]:
        if line.top - parts[-1].bottom > parameters.max_line_gap * parts[-1].height or not _continues(parts[0], line, parameters):
            break
        parts.append(line)
    if len(candidates) > 2 and len(large) == len(candidates) and not _is_sentence(parts, parameters):
        parts = parts[:1]
    return _shorten(" ".join(part.text for part in parts), parameters.max_characters)


def _continues(first: TextLine, line: TextLine, parameters: TitleParameters) -> bool:
    """Whether a line below can be of the same heading: it is aligned with it and is no item of a list, which is indented."""
    if _LIST_ITEM.match(line.text):
        return False
    is_centred = abs(line.left + line.right - first.left - first.right) / 2 <= parameters.max_centre_offset
    return is_centred or min(abs(line.left - first.left), abs(line.right - first.right)) <= parameters.max_side_offset


def _is_sentence(parts: Sequence[TextLine], parameters: TitleParameters) -> bool:
    """Whether a few lines are one short sentence: it begins with a capital, and no other line does."""
    if len(parts) > parameters.max_sentence_lines:
        return False
    return parts[0].text[:1].isupper() and all(part.text[:1].islower() for part in parts[1:])


def _shorten(text: str, max_characters: int) -> str:
    """Cut the text at a word if it is too long for a title."""
    if len(text) <= max_characters:
        return text
    return text[:max_characters].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
