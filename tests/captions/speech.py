"""Words with times for tests of captions."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from domain import Caption, Word
from services.captions import find_problems

LIMITS_OF_SPACE = {"line_count", "line_length", "empty"}


def speak(text: str, start_s: float = 0.0, s_per_character: float = 0.07) -> list[Word]:
    """Return the words of a text; each takes time in proportion to its length, and "|" is a pause of 0.6 s."""
    words, now_s = [], start_s
    for part in text.split():
        if part == "|":
            now_s += 0.6
            continue
        end_s = now_s + s_per_character * (len(part) + 1)
        words.append(Word(f" {part}", round(now_s, 3), round(end_s, 3)))
        now_s = end_s
    return words


def speak_characters(text: str, s_per_character: float = 0.2) -> list[Word]:
    """Return one word per character, as recognisers do for Chinese and Japanese."""
    return [Word(c, round(i * s_per_character, 3), round((i + 1) * s_per_character, 3)) for i, c in enumerate(text)]


def letters(texts: Sequence[str]) -> str:
    return re.sub(r"\s", "", "".join(texts))


def lines_of(captions: Sequence[Caption]) -> list[str]:
    return [line for caption in captions for line in caption.lines]


def check_invariants(words: Sequence[Word], captions: Sequence[Caption]) -> None:
    """Every word once and in order; captions in order without overlap; lines within the limits; no longer than 7 s."""
    assert letters(lines_of(captions)) == letters([word.text for word in words])
    assert all(caption.start_ms < caption.end_ms for caption in captions)
    assert all(caption.end_ms <= following.start_ms for caption, following in pairwise(captions))
    rules = {problem.rule for problem in find_problems(captions)}
    assert not rules & (LIMITS_OF_SPACE | {"max_duration", "overlap"})
