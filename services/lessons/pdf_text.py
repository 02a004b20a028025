"""Reads PDF files of running text, such as handouts and papers, as Markdown. Pages of slides are read by deck_reading.py."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from lib.text import clean_text, ends_sentence

_MIN_LINES_PER_PAGE = 12
_MIN_LINE_CHARS = 40
_HEADING_SCALE = 1.12
_MAX_HEADING_CHARS = 110
_MIN_REPEATS = 3
_FULL_LINE = 0.8  # of the usual length; a shorter line ends a paragraph
_BULLET = re.compile(r"^[•‣▪◦●○■–—·\uf0b7*-]\s+")
_PAGE_NUMBER = re.compile(r"^(?:page |seite |[-–] ?)?(?:\d{1,4}|[ivxl]{1,6})(?: ?[-–]|\s*(?:/|of|von)\s*\d{1,4})?$", re.IGNORECASE)
_CONTENTS_LINE = re.compile(r"(?<!\.)(?<!\.\s)(?:\.\s?){4,}+\s*\d{1,4}$|\s\.{2,}\s*\d{1,4}$")
_NUMBER = re.compile(r"^(?:\d{1,2}(?:\.\d{1,2})*\.?|[A-Z](?:\.\d{1,2})*\.?(?<=[.\d]))\s+")
_FIXED_WIDTH = re.compile(r"mono|courier|typewriter|consol|cmtt|fixed|menlo")
_HYPHEN_AT_END = re.compile(r"(?<=[^\W\d_]{2})[-\u2010\u00ad]$")


@dataclass(frozen=True)
class Line:
    """A line of a page, with the size of most of its letters in points; `is_code`: they have all the same width."""

    text: str
    size: float
    is_bold: bool = False
    is_code: bool = False


def lines_of(page: Any) -> list[Line]:
    """Return the lines of a page of pypdf."""
    lines: list[Line] = []
    parts: list[tuple[str, float, str]] = []

    def end_line() -> None:
        text = clean_text("".join(part for part, _, _ in parts))
        letters = [(len(part.strip()), size, font) for part, size, font in parts if part.strip()]
        if text and letters:
            _, size, font = max(letters)
            lines.append(Line(text, round(size, 1), "bold" in font, _FIXED_WIDTH.search(font) is not None))
        parts.clear()

    def visit(text: str, _matrix: Any, text_matrix: Any, font: Any, size: float) -> None:
        scale = abs(float(text_matrix[3])) or abs(float(text_matrix[1])) or 1.0
        name = str((font or {}).get("/BaseFont", "")).lower()
        for number, part in enumerate(text.split("\n")):
            if number:
                end_line()
            parts.append((part, float(size) * scale, name))

    page.extract_text(visitor_text=visit)
    end_line()
    return lines


def is_running_text(pages: Sequence[Sequence[Line]], upright: Sequence[bool]) -> bool:
    """Whether pages are those of a text: most are upright, and their lines are many and long."""
    if not pages or sum(upright) <= len(upright) / 2:
        return False
    lines = [line for page in pages for line in page]
    long_lines = sum(len(line.text) >= _MIN_LINE_CHARS for line in lines)
    return len(lines) >= _MIN_LINES_PER_PAGE * len(pages) and long_lines >= len(lines) / 3


def to_markdown(pages: Sequence[Sequence[Line]]) -> str:
    """Return headings, paragraphs, lists and code. Page numbers, repeated headers and lines of a table of contents are left out."""
    sizes = Counter[float]()
    for line in (line for page in pages for line in page):
        sizes[line.size] += len(line.text)
    body = sizes.most_common(1)[0][0] if sizes else 0.0
    repeated_keys = _repeated_lines(pages)
    lines = [
        line
        for page in pages
        for line in page
        if not _is_furniture(line.text) and (line.size >= body * _HEADING_SCALE or _key(line.text) not in repeated_keys)
    ]
    headings = sorted({line.size for line in lines if line.size >= body * _HEADING_SCALE and not line.is_code}, reverse=True)
    usual = sorted(len(line.text) for line in lines)[len(lines) * 3 // 4] if lines else 0
    return "\n\n".join(_blocks(lines, body, headings[:4], usual))


def _blocks(lines: Sequence[Line], body: float, headings: Sequence[float], usual_chars: int) -> Iterator[str]:
    """Yield blocks of Markdown. `headings`: the sizes of headings, the largest first; `usual_chars`: the length of a full line."""
    for is_code, group in itertools.groupby(lines, key=lambda line: line.is_code and not _BULLET.match(line.text)):
        if is_code:
            yield "```\n" + "\n".join(line.text.replace("```", "") for line in group) + "\n```"
        else:
            yield from _paragraphs(list(group), body, headings, usual_chars)


def _paragraphs(lines: Sequence[Line], body: float, headings: Sequence[float], usual_chars: int) -> Iterator[str]:
    paragraph, last, last_level = "", "", 0
    for line in lines:
        level = _heading_level(line, body, headings)
        text = line.text.replace("<", "\\<")
        if level:
            begins = level != last_level or len(last) < usual_chars // 2 or _NUMBER.match(text) is not None
        else:
            is_end = len(last) < _FULL_LINE * usual_chars and (ends_sentence(paragraph) or paragraph.endswith(":"))
            begins = last_level > 0 or is_end or _BULLET.match(text) is not None
        if begins and paragraph:
            yield paragraph
            paragraph = ""
        if not paragraph:
            title = _NUMBER.sub("", text) if level > 1 else text
            paragraph = f"{'#' * level} {title}" if level else _BULLET.sub("- ", text)
        elif _HYPHEN_AT_END.search(paragraph) and text[:1].islower():
            paragraph = _HYPHEN_AT_END.sub("", paragraph) + text
        else:
            paragraph = f"{paragraph} {text}"
        last, last_level = text, level
    if paragraph:
        yield paragraph


def _heading_level(line: Line, body: float, headings: Sequence[float]) -> int:
    """Return the level of a heading, from 1; 0 for other lines."""
    if len(line.text) > _MAX_HEADING_CHARS or not any(map(str.isalpha, line.text)):
        return 0
    if line.size in headings:
        return headings.index(line.size) + 1
    is_title = line.is_bold and line.size >= body and not ends_sentence(line.text) and not line.text.endswith((",", ";", ":"))
    return min(6, len(headings) + 1) if is_title and len(line.text) <= _MAX_HEADING_CHARS * 0.7 else 0


def _repeated_lines(pages: Sequence[Sequence[Line]]) -> set[str]:
    """Return the first and last lines that are on several pages, without their numbers."""
    edges = Counter(key for page in pages for key in {_key(line.text) for line in (*page[:2], *page[-2:])})
    return {key for key, count in edges.items() if count >= _MIN_REPEATS and count >= len(pages) / 4}


def _key(text: str) -> str:
    return re.sub(r"\d+", "#", text).casefold()


def _is_furniture(text: str) -> bool:
    return _PAGE_NUMBER.match(text) is not None or _CONTENTS_LINE.search(text) is not None
