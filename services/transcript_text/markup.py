"""The markup that a language model may answer with: headings, paragraphs, italics, bold, superscripts and subscripts in Markdown.

Anything else is text. Lengths are bounded, and nothing is nested more than `_MAX_DEPTH` deep.
"""

from __future__ import annotations

import itertools
import re
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from domain import Mark, Style, Word
from lib.text import clean_text

MAX_HEADING_LENGTH = 160
_MAX_DEPTH = 3
_HEADING_START = re.compile(r"[ \t]{0,3}(#{1,6})[ \t]+(?=\S)")
_PARAGRAPH_END = re.compile(r"\n[ \t]*\n\s*")
_INLINE = re.compile(
    r"\\(?P<escaped>[\\*_^~#<>])"
    r"|\*\*(?=\S)(?P<bold>\*?[^*\n]{1,400}?\*?)(?<=\S)\*\*"
    r"|\*(?=[^\s*])(?P<italic>[^*\n]{1,400}?)(?<=\S)\*"
    r"|(?<!\w)_(?=[^\s_])(?P<italic_underscore>[^_\n]{1,400}?)(?<=\S)_(?!\w)"
    r"|\^(?P<superscript>[^\s^]{1,20})\^"
    r"|<sup>(?P<superscript_html>[^<\n]{1,40})</sup>"
    r"|(?<!~)~(?P<subscript>[^\s~]{1,20})~(?!~)"
    r"|<sub>(?P<subscript_html>[^<\n]{1,40})</sub>"
)
_STYLES = {
    "bold": Style.BOLD,
    "italic": Style.ITALIC,
    "italic_underscore": Style.ITALIC,
    "superscript": Style.SUPERSCRIPT,
    "superscript_html": Style.SUPERSCRIPT,
    "subscript": Style.SUBSCRIPT,
    "subscript_html": Style.SUBSCRIPT,
}  # by the groups of _INLINE
_DELIMITERS = {Style.BOLD: ("**", "**"), Style.ITALIC: ("*", "*"), Style.SUPERSCRIPT: ("^", "^"), Style.SUBSCRIPT: ("~", "~")}


@dataclass(frozen=True)
class Run:
    """Part of a text with one mark. None keeps the existing mark."""

    text: str
    mark: Mark | None = None


@dataclass(frozen=True)
class MarkedText:
    """A text without its markup; offsets count characters of `text`. `breaks`: marks of the words that begin at an offset or after it."""

    text: str
    styles: tuple[tuple[int, int, Style], ...] = ()
    breaks: tuple[tuple[int, Mark], ...] = ()

    @property
    def heading_words(self) -> int:
        return sum(len(mark.heading.split()) for _, mark in self.breaks)

    def runs_of_words(self, spans: Sequence[tuple[int, int]]) -> list[tuple[Run, ...]]:
        """Return the runs of each of these words, given by their rising offsets; nothing for a word without marks."""
        breaks = deque(self.breaks)
        styles = deque(sorted(self.styles, key=lambda style: style[0]))
        inside: list[tuple[int, int, Style]] = []
        result = []
        for start, end in spans:
            mark = Mark()
            while breaks and breaks[0][0] <= start:
                break_mark = breaks.popleft()[1]
                mark = break_mark if break_mark.heading else replace(mark, starts_paragraph=True)
            while styles and styles[0][0] < end:
                inside.append(styles.popleft())
            inside = [style for style in inside if style[1] > start]
            result.append(tuple(self._runs(start, end, mark, inside)))
        return result

    def _runs(self, start: int, end: int, mark: Mark, inside: Sequence[tuple[int, int, Style]]) -> Iterator[Run]:
        if not inside and mark == Mark():
            return
        edges = sorted({start, end, *(min(max(edge, start), end) for each in inside for edge in each[:2])})
        for first, last in itertools.pairwise(edges):
            styles = tuple(dict.fromkeys(style for left, right, style in inside if left <= first and last <= right))
            run_mark = replace(mark, styles=styles)
            yield Run(self.text[first:last], run_mark if run_mark != Mark() else None)
            mark = Mark()


def parse(text: str) -> MarkedText:
    """Read a text with markup."""
    plain = ""
    styles: list[tuple[int, int, Style]] = []
    breaks: list[tuple[int, Mark]] = []
    follows_text = False  # a paragraph after a heading begins by itself
    for number, block in enumerate(_blocks(text)):
        if number:
            plain += "\n\n"
        at = len(plain)
        if isinstance(block, Mark):
            breaks.append((at, block))
            follows_text = False
            continue
        if follows_text:
            breaks.append((at, Mark(starts_paragraph=True)))
        inner, inner_styles = _parse_inline(block, 0)
        styles += [(at + start, at + end, style) for start, end, style in inner_styles]
        plain += inner
        follows_text = True
    return MarkedText(plain, tuple(styles), tuple(breaks))


def _blocks(text: str) -> Iterator[str | Mark]:
    """Yield paragraphs, and headings as marks."""
    for paragraph in _PARAGRAPH_END.split(text.strip()):
        plain_lines: list[str] = []
        for line in paragraph.split("\n"):
            match = _HEADING_START.match(line)
            heading = _without_closing_marks(line[match.end() :]) if match else ""
            if match is None or len(heading) > MAX_HEADING_LENGTH:
                plain_lines.append(line)
                continue
            if plain_lines:
                yield "\n".join(plain_lines)
                plain_lines = []
            title = clean_text(_parse_inline(heading, 0)[0])
            yield Mark(heading=title, heading_level=min(max(len(match[1]) - 1, 1), 3))
        if plain_lines:
            yield "\n".join(plain_lines)


def _without_closing_marks(heading: str) -> str:
    """Return a heading without the marks `#` at its end; its first character stays."""
    return heading[0] + heading[1:].rstrip(" \t").rstrip("#").rstrip(" \t")


def _parse_inline(text: str, depth: int) -> tuple[str, list[tuple[int, int, Style]]]:
    plain, at = "", 0
    styles: list[tuple[int, int, Style]] = []
    for match in _INLINE.finditer(text) if depth < _MAX_DEPTH else ():
        plain += text[at : match.start()]
        at = match.end()
        name = match.lastgroup or ""
        if name == "escaped":
            plain += match[name]
            continue
        inner, inner_styles = _parse_inline(match[name], depth + 1)
        start = len(plain)
        styles.append((start, start + len(inner), _STYLES[name]))
        styles += [(start + first, start + last, style) for first, last, style in inner_styles]
        plain += inner
    return plain + text[at:], styles


def format_words(words: Iterable[Word]) -> str:
    """Return the words as text with markup; a paragraph is separated by an empty line."""
    text = ""
    for mark, group in itertools.groupby(words, key=lambda word: word.mark):
        for word in group if mark and (mark.starts_paragraph or mark.heading) else ["".join(each.text for each in group)]:
            part = word if isinstance(word, str) else word.text
            if mark and mark.heading:
                text = f"{text.rstrip()}\n\n{'#' * (mark.heading_level + 1)} {mark.heading}\n\n"
            elif mark and mark.starts_paragraph:
                text = f"{text.rstrip()}\n\n"
            text += _apply_styles(part if text[-1:].strip() else part.lstrip(), mark.styles if mark else ())
    return text.strip()


def _apply_styles(text: str, styles: Sequence[Style]) -> str:
    styled_text = text.strip()
    if not styles or not styled_text:
        return text
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    for style in styles:
        styled_text = _DELIMITERS[style][0] + styled_text + _DELIMITERS[style][1]
    return before + styled_text + after
