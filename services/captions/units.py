"""Units of captions: runs of words that stay on one line."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from domain import Word
from lib.text import clean_text, display_width
from services.captions.limits import MAX_LINE_COLUMNS
from services.captions.line_breaks import breakable_parts, may_break


@dataclass(frozen=True)
class Unit:
    """Text without a place to break, at most a line wide. `text` includes the leading space; `columns` does not count it."""

    text: str
    start_ms: int
    end_ms: int
    columns: int

    @property
    def has_space(self) -> bool:
        return self.text.startswith(" ")


def make_units(words: Sequence[Word]) -> list[Unit]:
    """Return the units of the words, in their order. Start times never go back: a word out of order takes the time of the one before."""
    units = list[Unit]()
    group = list[Word]()
    parts = [part for word in _clean_words(words) for part in _split_wide_word(word)]
    for word in parts:
        if group and may_break(group[-1].text, word.text):
            units += _units_of_group(group)
            group = []
        group.append(word)
    units += _units_of_group(group)
    return _in_time_order(units)


def _clean_words(words: Sequence[Word]) -> Iterator[Word]:
    """Yield the words that have visible text; spaces after a word, or without a word, move to the front of the next one."""
    space = ""
    for word in words:
        text = clean_text(word.text)
        if word.text[:1].isspace():
            space = " "
        if text:
            yield Word(space + text, word.start_s, word.end_s) if word.text != space + text else word
            space = " " if word.text[-1:].isspace() else ""


def _split_wide_word(word: Word) -> Iterator[Word]:
    """Yield the word, or its parts between places to break if it is wider than a line."""
    if display_width(word.text.strip()) <= MAX_LINE_COLUMNS:
        yield word
    else:
        yield from _share_time(word, list(breakable_parts(word.text)))


def _units_of_group(group: Sequence[Word]) -> Iterator[Unit]:
    """Yield one unit, or several if the words together are wider than a line: there a break is unavoidable."""
    if not group:
        return
    if len(group) == 1 and len(group[0].text) <= MAX_LINE_COLUMNS // 2:
        yield _to_unit(group)
        return
    line = list[Word]()
    narrow = [part for word in group for part in _cut_to_lines(word)]
    for word in narrow:
        if line and display_width(_text_of([*line, word]).strip()) > MAX_LINE_COLUMNS:
            yield _to_unit(line)
            line = []
        line.append(word)
    yield _to_unit(line)


def _cut_to_lines(word: Word) -> Iterator[Word]:
    """Yield the word, or parts at most a line wide; combining marks stay with their letter."""
    if display_width(word.text.strip()) <= MAX_LINE_COLUMNS:
        yield word
        return
    parts = [""]
    for character in word.text:
        if display_width(parts[-1].lstrip() + character) > MAX_LINE_COLUMNS:
            parts.append("")
            if unicodedata.category(character)[0] == "M":  # a spacing mark; the others have no width
                parts[-2], parts[-1] = parts[-2][:-1], parts[-2][-1:]
        parts[-1] += character
    yield from _share_time(word, parts)


def _share_time(word: Word, parts: Sequence[str]) -> Iterator[Word]:
    """Yield the parts of a word, with times in proportion to their lengths."""
    position = 0
    s_per_character = (word.end_s - word.start_s) / len(word.text)
    for part in parts:
        start_s = word.start_s + position * s_per_character
        position += len(part)
        yield replace(word, text=part, start_s=start_s, end_s=word.start_s + position * s_per_character)


def _to_unit(words: Sequence[Word]) -> Unit:
    text = _text_of(words)
    end_s = words[0].end_s if len(words) == 1 else max(word.end_s for word in words)
    return Unit(text, round(words[0].start_s * 1000), round(end_s * 1000), display_width(text.strip()))


def _text_of(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words)


def _in_time_order(units: Sequence[Unit]) -> list[Unit]:
    if all(before.start_ms <= after.start_ms for before, after in pairwise(units)) and all(u.end_ms >= u.start_ms for u in units):
        return list(units)
    result = list[Unit]()
    start_ms = 0
    for unit in units:
        start_ms = max(start_ms, unit.start_ms)
        result.append(replace(unit, start_ms=start_ms, end_ms=max(unit.end_ms, start_ms)))
    return result
