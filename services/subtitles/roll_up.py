"""Roll-up captions repeat the lines that are still on the screen in every cue: keep each line once, where it first appears.

Automatic captions of video platforms and converted live captions (CEA-608 roll-up) are written so.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence

from services.subtitles.cue import Cue

_MAX_GAP_S = 0.1  # between two cues of one run
_MAX_HOLD_S = 0.1  # a cue this short only holds the lines before it
_MIN_SIGNS = 2
_MIN_SHARE = 1 / 3  # of the pairs of adjoining cues


def without_repeats(cues: Sequence[Cue]) -> list[Cue]:
    """Drop lines that a cue takes over from the one before, in files that do so throughout; drop duplicated cues in all files.

    `cues` are in time order. A cue that is repeated later, or right after its end, is kept: it was said twice.
    """
    is_roll_up = _rolls_up(cues)
    result: list[Cue] = []
    previous: Cue | None = None
    for cue in cues:
        repeated_lines = _count_carried(previous, cue) if previous else 0
        complete = repeated_lines == len(cue.lines)
        if previous and complete and (cue.start_s < previous.end_s - 0.001 or _is_hold(cue)) and cue.text == previous.text:
            previous = _longer(previous, cue)  # the same words at the same time
            continue
        if is_roll_up and repeated_lines:
            if not complete:
                result.append(dataclasses.replace(cue, lines=cue.lines[repeated_lines:]))
        else:
            result.append(cue)
        previous = cue
    return result


def _rolls_up(cues: Sequence[Cue]) -> bool:
    """Return whether the cues repeat lines throughout. `cues` are in time order."""
    adjoining = signs = 0
    for before, cue in itertools.pairwise(cues):
        if abs(cue.start_s - before.end_s) <= _MAX_GAP_S:
            adjoining += 1
            repeated_lines = _count_carried(before, cue)
            signs += 0 < repeated_lines < len(cue.lines) or (repeated_lines > 0 and _is_hold(cue))
    return signs >= _MIN_SIGNS and signs >= _MIN_SHARE * adjoining


def _count_carried(before: Cue, cue: Cue) -> int:
    """Return how many of the first lines repeat the last lines of the cue before."""
    if cue.start_s - before.end_s > _MAX_GAP_S:
        return 0
    earlier_lines, lines = [line.text for line in before.lines], [line.text for line in cue.lines]
    return next((count for count in range(min(len(earlier_lines), len(lines)), 0, -1) if earlier_lines[-count:] == lines[:count]), 0)


def _is_hold(cue: Cue) -> bool:
    return cue.end_s - cue.start_s <= _MAX_HOLD_S


def _longer(first: Cue, second: Cue) -> Cue:
    return first if first.end_s >= second.end_s else second
