"""Parts of texts that show where a query was found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.search import analysis
from services.search.query import Phrase, Query

_MAX_LENGTH = 160
_CONTEXT_BEFORE = 50  # characters that a snippet shows before the first range
_MAX_RANGES = 20


@dataclass(frozen=True)
class Snippet:
    """A part of a text that begins at `start` of it; `ranges` are those of `text` to emphasise."""

    text: str
    ranges: Sequence[tuple[int, int]]
    start: int = 0


def marked_ranges(text: str, query: Query, language: str) -> list[tuple[int, int]]:
    """Return the ranges of the text that the query was found in, in order and without overlaps."""
    terms = list(analysis.terms(text, language))
    names = [term for term, _, _ in terms]
    ranges: list[tuple[int, int]] = []
    for first, last in sorted(_places(names, query)):
        start, end = terms[first][1], terms[last][2]
        if ranges and start <= ranges[-1][1]:
            ranges[-1] = ranges[-1][0], max(ranges[-1][1], end)
        else:
            ranges.append((start, end))
    return ranges


def _places(names: Sequence[str], query: Query) -> Iterator[tuple[int, int]]:
    """Yield the first and last indices of the terms of each phrase."""
    phrases = {phrase for group in query.groups for phrase in group}
    by_first: dict[str, list[Phrase]] = {}
    prefixes = [phrase for phrase in phrases if phrase.is_prefix and len(phrase.terms) == 1]
    for phrase in phrases:
        by_first.setdefault(phrase.terms[0], []).append(phrase)
    for at, name in enumerate(names):
        for phrase in by_first.get(name, ()):
            last = at + len(phrase.terms) - 1
            if last < len(names) and _is_at(names, at, phrase):
                yield at, last
        if any(name.startswith(phrase.terms[0]) for phrase in prefixes):
            yield at, at


def _is_at(names: Sequence[str], at: int, phrase: Phrase) -> bool:
    *whole, last = phrase.terms
    next_name = names[at + len(whole)]
    return list(names[at : at + len(whole)]) == whole and (next_name.startswith(last) if phrase.is_prefix else next_name == last)


def snippet(text: str, query: Query, language: str, length: int = _MAX_LENGTH) -> Snippet:
    """Return about `length` characters around the first place of the query, cut between words; line ends become spaces."""
    text = text.replace("\n", " ")
    ranges = marked_ranges(text, query, language)
    first = ranges[0][0] if ranges else 0
    start = 0 if len(text) <= length else _word_start(text, max(0, min(first - _CONTEXT_BEFORE, len(text) - length)))
    end = len(text) if len(text) - start <= length else _word_end(text, start, start + length)
    visible_ranges = [(low - start, high - start) for low, high in ranges if low >= start and high <= end]
    return Snippet(text[start:end], visible_ranges[:_MAX_RANGES], start)


def _word_start(text: str, at: int) -> int:
    """Return where the word at or after `at` begins; `at` itself in text without spaces nearby."""
    space = text.find(" ", max(0, at - 1), at + 20)
    return at if at == 0 or space < 0 else space + 1


def _word_end(text: str, start: int, end: int) -> int:
    space = text.rfind(" ", start, end + 1)
    return space if space > end - 20 else end
