"""Compares a text with the words that it was made from: corrections, and the share of words that were lost or added."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lib.text import UNSPACED
from services.proofreading.values import Correction, Token
from services.transcript_text.markup import Run

_WORD = re.compile(r"\S+")
_UNSPACED = re.compile(f"[{UNSPACED}]")


def split_text(text: str, like: Sequence[Token]) -> list[tuple[int, int]]:
    """Return where the words of a text begin and end; in scripts without spaces, the words that it had and single characters."""
    pattern = _WORD
    if any(_UNSPACED.search(token.text) for token in like):
        known_texts = sorted({token.bare for token in like if token.bare}, key=len, reverse=True)
        pattern = re.compile("|".join([*map(re.escape, known_texts), rf"[^\W_{UNSPACED}]+", r"\S"]))
    return [match.span() for match in pattern.finditer(text)]


def changed_shares(tokens: Sequence[Token], words: Sequence[str]) -> tuple[float, float]:
    """Return the share of words that have disappeared, and that of words that were not there. Case and marks do not count."""
    old, new = [_bare(token.text) for token in tokens], [_bare(word) for word in words]
    old, new = [word for word in old if word], [word for word in new if word]
    common_length = sum(block.size for block in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return (1 - common_length / len(old) if old else 0.0), (1 - common_length / len(new) if new else float(bool(old)))


def corrections_of(
    tokens: Sequence[Token], words: Sequence[str], first_number: int, source: str, marks: Sequence[tuple[Run, ...]] = ()
) -> Iterator[Correction]:
    """Yield the corrections that turn the tokens into these words. Changes across the ends of segments are left out.

    `marks`: the runs of each word; none for words without marks.
    """
    new = _Text(tokens, words, list(marks) or [()] * len(words), first_number, source)
    for each in _changes(new):
        if each.before != each.after or each.runs:  # a word of two tokens, such as look and -up, is unchanged
            yield each


def _changes(new: _Text) -> Iterator[Correction]:
    tokens, words = new.tokens, new.words
    old = [token.bare for token in tokens]
    for action, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, words, autojunk=False).get_opcodes():
        if action == "equal":
            yield from _mark_only_corrections(new, i1, j1, i2 - i1)
        elif i2 - i1 == j2 - j1:
            for offset in range(i2 - i1):
                yield new.correction(i1 + offset, i1 + offset + 1, j1 + offset, j1 + offset + 1)
        elif i1 < i2:
            if tokens[i1].segment == tokens[i2 - 1].segment:
                yield new.correction(i1, i2, j1, j2)
        elif i1 == 0:  # an insertion belongs to the word before it, at the start to the first word
            yield new.correction(0, 1, j1, j2, last_word=old[0])
        else:
            yield new.correction(i1 - 1, i1, j1, j2, first_word=old[i1 - 1])


@dataclass(frozen=True)
class _Text:
    """A text and what it was before."""

    tokens: Sequence[Token]
    words: Sequence[str]
    runs: Sequence[tuple[Run, ...]]
    first_number: int
    source: str

    def correction(self, i1: int, i2: int, j1: int, j2: int, *, first_word: str = "", last_word: str = "") -> Correction:
        has_spaces = any(token.text[:1].isspace() for token in self.tokens[1:])
        words = [word for word in (first_word, *self.words[j1:j2], last_word) if word]
        before = "".join(token.text for token in self.tokens[i1:i2]).strip()
        after = (" " if has_spaces else "").join(words)
        runs = [each for at in range(j1, j2) for each in self.runs[at] or (Run(self.words[at]),)]
        if any(run.mark for run in runs):
            runs = [*([Run(first_word)] if first_word else ()), *runs, *([Run(last_word)] if last_word else ())]
        else:
            runs = []
        reason = _layout(runs) if before == after else _reason(before, after)
        return Correction(self.first_number + i1, self.first_number + i2 - 1, before, after, reason, self.source, runs=tuple(runs))


def _mark_only_corrections(text: _Text, i1: int, j1: int, length: int) -> Iterator[Correction]:
    """Yield corrections of words that only get marks; words that follow each other are one, up to the end of a segment or a break."""
    start = 0
    for at in range(length + 1):
        goes_on = at < length and bool(text.runs[j1 + at])
        if at > start:
            same_segment = goes_on and text.tokens[i1 + at].segment == text.tokens[i1 + start].segment
            if not same_segment or _layout(text.runs[j1 + at]) != "style" or _layout(text.runs[j1 + start]) != "style":
                yield text.correction(i1 + start, i1 + at, j1 + start, j1 + at)
                start = at
        if not goes_on:
            start = at + 1


def _layout(runs: Sequence[Run]) -> str:
    """Return what marks are for."""
    marks = [run.mark for run in runs if run.mark]
    if any(mark.heading for mark in marks):
        return "heading"
    return "paragraph" if any(mark.starts_paragraph for mark in marks) else "style"


def _reason(before: str, after: str) -> str:
    if not after:
        return "deletion"
    if _letters(before) == _letters(after):
        return "punctuation"
    if _letters(before).casefold() == _letters(after).casefold():
        return "capital"
    ratio = difflib.SequenceMatcher(None, before.casefold(), after.casefold()).ratio()
    return "spelling" if ratio >= 0.6 else "wording"


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _bare(word: str) -> str:
    return _letters(unicodedata.normalize("NFKC", word)).casefold()
