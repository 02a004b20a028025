"""Split speech into subtitle cues of at most two lines that break at phrase ends and do not overlap.

Limits follow the Netflix Timed Text Style Guide and the BBC Subtitle Guidelines: 42 columns, 1 to 7 s, 20 characters per second.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from domain import LectureNotes, Word
from services.documents.paragraphs import ends_clause, ends_sentence
from services.documents.text import clean_text, display_width

MAX_LINE_COLUMNS = 42
MAX_CUE_S = 7.0
MIN_CUE_S = 1.0
SPLIT_PAUSE_S = 1.2
MAX_LETTERS_PER_S = 20.0
_SHORT_CUE_COLUMNS = 16
_FUNCTION_WORD_LIST = """
a an the of to in on at by for with from and or but so if that this these those my your our their his her its is are was be
der die das ein eine und oder aber le la les un une et ou de du des el los las y o en con
"""
_FUNCTION_WORDS = frozenset(_FUNCTION_WORD_LIST.split())


@dataclass(frozen=True)
class Cue:
    start_ms: int
    end_ms: int
    lines: tuple[str, ...]


def build_cues(notes: LectureNotes) -> tuple[Cue, ...]:
    """Return cues for all speech of the notes, in time order."""
    words = [piece for word in _spoken_words(notes) for piece in _split_long_word(word)]
    groups = [words[start:end] for start, end in _best_ranges(words)]
    return tuple(_assign_times(groups))


def _spoken_words(notes: LectureNotes) -> list[Word]:
    segments = [*notes.unplaced, *(p for slide in notes.slides for visit in slide.visits for p in visit.paragraphs)]
    words = [word for segment in sorted(segments, key=lambda segment: segment.start_s) for word in segment.words]
    return sorted((word for word in words if clean_text(word.text)), key=lambda word: word.start_s)


def _split_long_word(word: Word) -> Iterator[Word]:
    """Yield the word, or parts of it if it is too long for a line, with proportional times."""
    text = clean_text(word.text)
    space = " " if word.text[:1].isspace() else ""
    if display_width(text) <= MAX_LINE_COLUMNS:
        yield replace(word, text=space + text)
        return
    parts = [""]
    for character in text:
        if display_width(parts[-1] + character) > MAX_LINE_COLUMNS:
            parts.append("")
        parts[-1] += character
    each_s = (word.end_s - word.start_s) / len(parts)
    for order, part in enumerate(parts):
        start_s = word.start_s + order * each_s
        yield replace(word, text=part if order else space + part, start_s=start_s, end_s=start_s + each_s)


class _WordTable:
    """Prefix sums and break costs of a word list."""

    def __init__(self, words: Sequence[Word]) -> None:
        self.words = words
        self.widths_before = [0, *accumulate(display_width(word.text) for word in words)]
        self.spaces = [1 if word.text.startswith(" ") else 0 for word in words] + [0]
        self.sentences_before = [0, *accumulate(ends_sentence(word.text) for word in words)]
        self.break_costs = [_break_cost(words, end) for end in range(len(words) + 1)]

    def width(self, start: int, end: int) -> int:
        """Return the display width of words [start, end) on one line."""
        return self.widths_before[end] - self.widths_before[start] - self.spaces[start]

    def first_line_end(self, start: int) -> int:
        end = start + 1
        while end < len(self.words) and self.width(start, end + 1) <= MAX_LINE_COLUMNS:
            end += 1
        return end


def _best_ranges(words: Sequence[Word]) -> list[tuple[int, int]]:
    """Return the word ranges of the cues with the lowest total cost (shortest path over the word boundaries)."""
    table = _WordTable(words)
    cost = [0.0] + [float("inf")] * len(words)
    came_from = [0] * (len(words) + 1)
    for start in range(len(words)):
        line_end = table.first_line_end(start)
        for end in range(start + 1, len(words) + 1):
            fits = end <= line_end or table.width(line_end, end) <= MAX_LINE_COLUMNS
            if end > start + 1 and not (fits and _may_extend(words, start, end)):
                break
            total = cost[start] + table.break_costs[end] + _cue_cost(table, start, end)
            if total < cost[end]:
                cost[end], came_from[end] = total, start
    cuts = []
    end = len(words)
    while end > 0:
        cuts.append((came_from[end], end))
        end = came_from[end]
    return cuts[::-1]


def _may_extend(words: Sequence[Word], start: int, end: int) -> bool:
    pause_s = words[end - 1].start_s - words[end - 2].end_s
    return pause_s < SPLIT_PAUSE_S and words[end - 1].end_s - words[start].start_s <= MAX_CUE_S


def _break_cost(words: Sequence[Word], end: int) -> float:
    """Return the cost of a cue or line break before word `end`: 0 at sentence ends, high after function words."""
    if end in (0, len(words)):
        return 0.0
    word, following = words[end - 1], words[end]
    pause_s = following.start_s - word.end_s
    if ends_sentence(word.text) or pause_s >= SPLIT_PAUSE_S:
        return 0.0
    if ends_clause(word.text):
        return 0.6
    return (
        (2.6 if _bare_text(word) in _FUNCTION_WORDS else 1.6)
        - min(0.8, max(0.0, pause_s))
        - (0.4 if _bare_text(following) in _FUNCTION_WORDS else 0.0)
    )


def _cue_cost(table: _WordTable, start: int, end: int) -> float:
    """Return the cost of a cue: a base cost to limit their number, plus costs for short cues and for crossed sentence ends."""
    width = table.width(start, end)
    cost = 0.7 + (0.8 if width < _SHORT_CUE_COLUMNS else 0.0)
    if table.words[end - 1].end_s - table.words[start].start_s < MIN_CUE_S:
        cost += 0.6
    crossed = table.sentences_before[end - 1] - table.sentences_before[start] if width > MAX_LINE_COLUMNS else 0
    return cost + 0.5 * crossed


def _break_lines(group: Sequence[Word]) -> tuple[str, ...]:
    """Return one line, or two lines of similar length that preferably break at a phrase end."""
    table = _WordTable(group)
    end = len(group)
    if table.width(0, end) <= MAX_LINE_COLUMNS:
        return (_join_text(group),)
    breaks = [p for p in range(1, end) if max(table.width(0, p), table.width(p, end)) <= MAX_LINE_COLUMNS]
    best_break = min(breaks, key=lambda p: abs(table.width(0, p) - table.width(p, end)) / MAX_LINE_COLUMNS + 0.5 * table.break_costs[p])
    return _join_text(group[:best_break]), _join_text(group[best_break:])


def _join_text(words: Sequence[Word]) -> str:
    return "".join(word.text for word in words).strip()


def _assign_times(groups: Sequence[Sequence[Word]]) -> Iterator[Cue]:
    """Yield cues that stay long enough to be read but end before the next one starts."""
    free_ms = 0
    for order, group in enumerate(groups):
        start_ms = max(free_ms, round(group[0].start_s * 1000))
        lines = _break_lines(group)
        readable_ms = round(1000 * max(MIN_CUE_S, sum(map(display_width, lines)) / MAX_LETTERS_PER_S))
        spoken_ms = round(max(word.end_s for word in group) * 1000)
        end_ms = min(max(spoken_ms, start_ms + readable_ms), start_ms + round(MAX_CUE_S * 1000))
        if order + 1 < len(groups):
            end_ms = min(end_ms, round(groups[order + 1][0].start_s * 1000))
        free_ms = max(end_ms, start_ms + 1)
        yield Cue(start_ms, free_ms, lines)


def _bare_text(word: Word) -> str:
    return word.text.strip().strip("\"'“”’.,;:!?()").lower()
