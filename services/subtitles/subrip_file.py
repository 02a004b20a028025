"""Read SubRip (.srt), which has no standard: this follows players, and keeps every line that is not clearly a number or a time."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.subtitles.cue import Cue
from services.subtitles.markup import subrip_line
from services.subtitles.timestamps import GAP, TIME, seconds

# Nothing but coordinates or settings may follow the times: a sentence that names two times is text.
_TIMING = re.compile(rf"{GAP}({TIME}){GAP}-->{GAP}({TIME})(?:[ \t]+[A-Za-z]\w{{0,20}}:\S{{1,40}}){{0,8}}{GAP}")
_MIN_NUMBERED_SHARE = 0.5


def parse(text: str) -> list[Cue]:
    """Return the cues in the order of the file; cues without text are left out."""
    lines = text.split("\n")
    timings = {index: match for index, line in enumerate(lines) if "-->" in line and (match := _TIMING.fullmatch(line))}
    heads = _cue_heads(lines, list(timings))
    cues = []
    for position, (_, timing_index) in enumerate(heads):
        end = heads[position + 1][0] if position + 1 < len(heads) else len(lines)
        cue_lines = tuple(line for raw in lines[timing_index + 1 : end] if raw and (line := subrip_line(raw)).text)
        if cue_lines:
            start, stop = timings[timing_index].groups()
            cues.append(Cue(seconds(start), seconds(stop), cue_lines))
    return cues


def _cue_heads(lines: Sequence[str], timings: Sequence[int]) -> list[tuple[int, int]]:
    """(first line, line with the times) of each cue.

    A cue begins after an empty line. A time directly below text is text too, unless the file separates its cues by numbers alone.
    """
    has_numbers = sum(_is_number(lines, index - 1) for index in timings) >= _MIN_NUMBERED_SHARE * len(timings)
    heads = list[tuple[int, int]]()
    for index in timings:
        has_number = _is_number(lines, index - 1) and (has_numbers or _is_blank(lines, index - 2))
        if has_number or _is_blank(lines, index - 1) or not heads:
            heads.append((index - 1 if has_number else index, index))
    separated_count = sum(_is_blank(lines, first - 1) for first, _ in heads)
    if separated_count < _MIN_NUMBERED_SHARE * len(timings) and not has_numbers:  # no empty lines between cues at all
        return [(index, index) for index in timings]
    return heads


def _is_blank(lines: Sequence[str], index: int) -> bool:
    return index < 0 or not lines[index].strip()


def _is_number(lines: Sequence[str], index: int) -> bool:
    return index >= 0 and lines[index].strip().isdecimal()
