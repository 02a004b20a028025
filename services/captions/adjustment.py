"""Adjust captions that people made to the rules: their times where that is enough, else their division. Captions within the rules stay."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import replace

from domain import Caption, Word
from lib.text import clean_text, display_width, is_wide
from services.captions.checker import find_problems
from services.captions.limits import MAX_DURATION_MS, MAX_LINE_COLUMNS, MAX_LINES, MAX_PAUSE_MS
from services.captions.line_breaks import breakable_parts, may_break
from services.captions.reading_time import min_duration_ms
from services.captions.segmentation import build_captions

_RULES_OF_DIVISION = {"line_count", "line_length", "line_break", "max_duration"}
_MAX_JOINED = 12  # captions that are too fast or too brief, and are divided again together


def adjust_captions(captions: Sequence[Caption], language: str = "") -> tuple[Caption, ...]:
    """Return captions in time order with the same words, which break no rule of `checker` that the speech allows to keep."""
    sorted_captions = sorted(filter(None, map(_clean, captions)), key=lambda caption: (caption.start_ms, caption.end_ms))
    divided_captions = _last_until_read(_divide_again(_without_overlaps(sorted_captions), language))
    return _last_until_read(_even_out(divided_captions, language))


def _apart(captions: Iterable[Caption]) -> Iterator[Caption]:
    """Move starts that are too early, by milliseconds: more captions than fit were made of one that was shown for no time."""
    free_ms = 0
    for caption in captions:
        start_ms = max(caption.start_ms, free_ms)
        free_ms = max(caption.end_ms, start_ms + 1)
        yield caption if start_ms == caption.start_ms else replace(caption, start_ms=start_ms, end_ms=free_ms)


def _clean(caption: Caption) -> Caption | None:
    lines = tuple(filter(None, map(clean_text, caption.lines)))
    return caption if lines == caption.lines else replace(caption, lines=lines) if lines else None


def _without_overlaps(captions: Sequence[Caption]) -> list[Caption]:
    """End captions when the next one starts; those that could not be read by then are joined with it."""
    apart: list[list[Caption]] = []
    end_ms = 0
    for caption in captions:
        if not apart or end_ms <= caption.start_ms:
            apart.append([caption])
            end_ms = caption.end_ms
        elif len(apart[-1]) == 1 and _is_read_before(apart[-1][0], caption.start_ms):
            apart[-1] = [replace(apart[-1][0], end_ms=caption.start_ms)]
            apart.append([caption])
            end_ms = caption.end_ms
        else:
            apart[-1].append(caption)
            end_ms = max(end_ms, caption.end_ms)
    return [group[0] if len(group) == 1 else _join(group) for group in apart]


def _is_read_before(caption: Caption, time_ms: int) -> bool:
    return time_ms - caption.start_ms >= min(min_duration_ms(caption.lines), caption.end_ms - caption.start_ms)


def _join(captions: Sequence[Caption]) -> Caption:
    lines = tuple(line for caption in captions for line in caption.lines)
    return Caption(captions[0].start_ms, max(caption.end_ms for caption in captions), lines)


def _divide_again(captions: Sequence[Caption], language: str) -> Iterator[Caption]:
    """Yield the captions; those with too much text or time are divided, at their own lines if these are good captions."""
    problem_indexes = {problem.number - 1 for problem in find_problems(captions) if problem.rule in _RULES_OF_DIVISION}
    for index, caption in enumerate(captions):
        if index in problem_indexes:
            yield from _by_own_lines(caption) or _ending_before(
                build_captions(_words_of(caption), language), captions[index + 1 : index + 2]
            )
        else:
            yield caption


def _by_own_lines(caption: Caption) -> list[Caption]:
    """Return captions of two lines each with times in proportion to their text; [] if that breaks a rule."""
    if len(caption.lines) <= MAX_LINES or any(display_width(line) > MAX_LINE_COLUMNS for line in caption.lines):
        return []
    pairs = [caption.lines[at : at + MAX_LINES] for at in range(0, len(caption.lines), MAX_LINES)]
    widths = [sum(map(display_width, pair)) for pair in pairs]
    duration_ms = caption.end_ms - caption.start_ms
    edges = [caption.start_ms + round(duration_ms * offset / max(1, sum(widths))) for offset in itertools.accumulate(widths, initial=0)]
    captions = [Caption(*edge, pair) for edge, pair in zip(itertools.pairwise(edges), pairs, strict=True)]
    return [] if find_problems(captions) else captions


def _even_out(captions: Sequence[Caption], language: str) -> Iterator[Caption]:
    """Yield the captions; runs with captions that are too fast or too brief are divided again if that mends all of them."""
    problem_indexes = {problem.number - 1 for problem in find_problems(captions)}
    at = 0
    for run in _runs(captions, problem_indexes):
        yield from captions[at : run.start]
        yield from _mend(captions, run, problem_indexes, language)
        at = run.stop
    yield from captions[at:]


def _mend(captions: Sequence[Caption], run: range, problem_indexes: Container[int], language: str) -> Sequence[Caption]:
    """Return the captions of a run divided again, without one of its neighbours if possible; as they are if that is no better."""
    for captions_range in (run[:-1], run[1:], run):
        if all(index in captions_range for index in run if index in problem_indexes):
            words = [word for index in captions_range for word in _words_of(captions[index])]
            next_captions = captions[captions_range.stop : captions_range.stop + 1]
            after = _last_until_read([*_ending_before(build_captions(words, language), next_captions), *next_captions])[
                : -len(next_captions) or None
            ]
            if not find_problems(after):
                return [*captions[run.start : captions_range.start], *after, *captions[captions_range.stop : run.stop]]
    return captions[run.start : run.stop]


def _runs(captions: Sequence[Caption], problem_indexes: Iterable[int]) -> list[range]:
    """Return ranges around the broken captions, with their neighbours if no long pause is between, of at most `_MAX_JOINED` captions."""
    runs: list[range] = []
    for index in sorted(problem_indexes):
        start = index - 1 if index > 0 and _are_adjoining(captions[index - 1], captions[index]) else index
        stop = index + 2 if index + 1 < len(captions) and _are_adjoining(captions[index], captions[index + 1]) else index + 1
        last = runs[-1] if runs else range(0)
        if runs and start <= last.stop and stop - last.start <= _MAX_JOINED:
            runs[-1] = range(last.start, stop)
        elif max(start, last.stop) < stop:
            runs.append(range(max(start, last.stop), stop))
    return runs


def _are_adjoining(before: Caption, after: Caption) -> bool:
    return after.start_ms - before.end_ms < MAX_PAUSE_MS


def _words_of(caption: Caption) -> list[Word]:
    """Return the words of a caption, which share its time in proportion to their width; lines are joined."""
    text = caption.lines[0]
    for line in caption.lines[1:]:
        text += line if is_wide(text[-1]) and is_wide(line[0]) and may_break(text, line) else f" {line}"
    parts = list(breakable_parts(f" {text}"))
    widths = [display_width(part.strip()) for part in parts]
    duration_s, total = max(1, caption.end_ms - caption.start_ms) / 1000, max(1, sum(widths))
    times = [caption.start_ms / 1000 + duration_s * offset / total for offset in itertools.accumulate(widths, initial=0)]
    return [Word(part, *time) for part, time in zip(parts, itertools.pairwise(times), strict=True)]


def _ending_before(captions: Sequence[Caption], next_captions: Sequence[Caption]) -> Sequence[Caption]:
    """End the last caption when the next one starts."""
    if not captions or not next_captions or captions[-1].end_ms <= next_captions[0].start_ms:
        return captions
    return [*captions[:-1], replace(captions[-1], end_ms=max(captions[-1].start_ms + 1, next_captions[0].start_ms))]


def _last_until_read(captions: Iterable[Caption]) -> tuple[Caption, ...]:
    """Keep captions that are shown too briefly until they are read, at most until the next one starts."""
    result = list(_apart(captions))
    for index, caption in enumerate(result):
        latest_ms = caption.start_ms + MAX_DURATION_MS
        if index + 1 < len(result):
            latest_ms = min(latest_ms, result[index + 1].start_ms)
        needed_ms = caption.start_ms + min_duration_ms(caption.lines)
        if caption.end_ms < needed_ms:
            result[index] = replace(caption, end_ms=max(caption.end_ms, min(needed_ms, latest_ms)))
    return tuple(result)
