"""Alignment of a changed text with the words that it had: unchanged words keep their ids and times, the times of others are interpolated.

Texts are compared by atoms: a character of a script without spaces, otherwise what stands between two spaces.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from domain import Mark, TimeRange
from services.transcript_text.words import EditableWord, IdCounter

# Thai to Myanmar, Khmer, kana, CJK ideographs and their punctuation: scripts that do not separate words by spaces.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uf900-\ufaff\uff00-\uff60\U00020000-\U0003ffff"
_ATOM = re.compile(rf"(\s*)([{_UNSPACED}]|[^\s{_UNSPACED}]+)")
_MAX_COMPARISONS = 250_000  # difflib compares each atom with each equal one: 500 words with 500 others


@dataclass(frozen=True)
class _Atom:
    """`word` is the index of the word that the atom belongs to; -1 in a new text."""

    text: str
    has_space: bool
    word: int = -1


def align(words: Sequence[EditableWord], text: str, bounds: TimeRange, ids: IdCounter) -> tuple[EditableWord, ...]:
    """Return the words of the new text. `bounds`: times between which they are spoken."""
    groups = list(_glue(words))
    wholes = [replace(group[0], text=_join(group), end_s=group[-1].end_s) if group[1:] else group[0] for group in groups]
    old = [atom for index, word in enumerate(wholes) for atom in _atoms(word.text, index)]
    new = list(_atoms(text))
    kept_words = _kept_words(old, new)
    parts = {group[0].id: group for group in groups if group[1:]}
    result: list[EditableWord] = []
    for word in _fill_gaps(wholes, new, kept_words, bounds, ids):
        group = parts.get(word.id)
        first = replace(group[0], text=word.text[: len(word.text) - len(word.text.lstrip())] + group[0].text.strip()) if group else word
        result += [first, *(group[1:] if group else ())]
    return tuple(_keep_breaks(words, result))


def split_words(text: str) -> Iterator[tuple[int, int, bool]]:
    """Yield where each word begins and ends, and whether there is a space before it. Scripts without spaces give single characters."""
    return ((match.start(2), match.end(2), bool(match[1]) or match.start() == 0) for match in _ATOM.finditer(text))


def same_text(words: Sequence[EditableWord], text: str) -> bool:
    """Whether the text has the same atoms as the words."""
    return [atom.text for word in words for atom in _atoms(word.text)] == [atom.text for atom in _atoms(text)]


def _glue(words: Sequence[EditableWord]) -> Iterator[list[EditableWord]]:
    """Yield runs of words without a space between them, such as a letter and its superscript; they are compared as one word."""
    group: list[EditableWord] = []
    for word in words:
        if group and (word.text[:1].isspace() or group[-1].text[-1:].isspace() or _is_unspaced(group[-1].text[-1:] + word.text[:1])):
            yield group
            group = []
        group.append(word)
    if group:
        yield group


def _is_unspaced(text: str) -> bool:
    return re.search(f"[{_UNSPACED}]", text) is not None


def _join(words: Sequence[EditableWord]) -> str:
    return "".join(word.text for word in words)


def _keep_breaks(before: Sequence[EditableWord], after: list[EditableWord]) -> list[EditableWord]:
    """Move the headings and the beginnings of paragraphs of words that are gone to the words that follow in time.

    Those of the first word stay at the start.
    """
    if not after or not any(word.mark for word in before):
        return after
    place = {word.id: index for index, word in enumerate(after)}
    for number, word in enumerate(before):
        if word.mark is None or not (word.mark.heading or word.mark.starts_paragraph):
            continue
        index = place.get(word.id)
        if number == 0 and index != 0:
            if index is not None:
                after[index] = replace(after[index], mark=Mark(word.mark.styles) if word.mark.styles else None)
            index = 0
        elif index is None:
            index = next((index for index, each in enumerate(after) if each.start_s >= word.start_s - 0.001), None)
        if index is not None:
            present_mark = after[index].mark or Mark()
            after[index] = replace(after[index], mark=replace(word.mark, styles=present_mark.styles))
    return after


def _atoms(text: str, word: int = -1) -> Iterator[_Atom]:
    return (_Atom(match[2], bool(match[1]), word) for match in _ATOM.finditer(text))


def _kept_words(old: Sequence[_Atom], new: Sequence[_Atom]) -> dict[int, tuple[int, int]]:
    """Return for the first atom of each unchanged word: the index of the word, and the number of its atoms."""
    new_index_of = _matching(old, new)
    atoms_of: dict[int, list[int]] = {}
    for index, atom in enumerate(old):
        atoms_of.setdefault(atom.word, []).append(index)
    spans = {}
    for word, indexes in atoms_of.items():
        targets = [new_index_of.get(index, -1) for index in indexes]
        if targets[0] >= 0 and targets == list(range(targets[0], targets[0] + len(targets))):
            spans[targets[0]] = (word, len(targets))
    return spans


def _matching(old: Sequence[_Atom], new: Sequence[_Atom]) -> dict[int, int]:
    """Return the index of each unchanged atom in the new text. Between a common start and end, too much text is all changed."""
    a, b = [atom.text for atom in old], [atom.text for atom in new]
    start, shorter = 0, min(len(a), len(b))
    while start < shorter and a[start] == b[start]:
        start += 1
    end = 0
    while end < shorter - start and a[-1 - end] == b[-1 - end]:
        end += 1
    pairs = {index: index for index in range(start)} | {len(a) - 1 - offset: len(b) - 1 - offset for offset in range(end)}
    middle_a, middle_b = a[start : len(a) - end], b[start : len(b) - end]
    if len(middle_a) * len(middle_b) <= _MAX_COMPARISONS:
        for block in difflib.SequenceMatcher(None, middle_a, middle_b, autojunk=False).get_matching_blocks():
            pairs |= {start + block.a + offset: start + block.b + offset for offset in range(block.size)}
    return pairs


def _fill_gaps(
    words: Sequence[EditableWord], new: Sequence[_Atom], kept_words: dict[int, tuple[int, int]], bounds: TimeRange, ids: IdCounter
) -> Iterator[EditableWord]:
    first_has_space = words[0].text[:1].isspace() if words else True
    gap: list[str] = []
    last_kept, at = -1, 0
    while at < len(new):
        has_space = new[at].has_space or (at == 0 and first_has_space)
        if at in kept_words:
            index, length = kept_words[at]
            yield from _interpolate(words, gap, last_kept, index, bounds, ids)
            text = words[index].text.strip()
            yield replace(words[index], text=f" {text}" if has_space else text)
            gap, last_kept, at = [], index, at + length
        else:
            gap.append(f" {new[at].text}" if has_space else new[at].text)
            at += 1
    yield from _interpolate(words, gap, last_kept, len(words), bounds, ids)


def _interpolate(
    words: Sequence[EditableWord], texts: Sequence[str], before: int, after: int, bounds: TimeRange, ids: IdCounter
) -> Iterator[EditableWord]:
    """Yield new words in the time between the kept words `before` and `after`, each as long as its text requires.

    They take the place of the old words there; if there are none, the pause.
    """
    if not texts:
        return
    old_words = words[before + 1 : after]
    lower = words[before].end_s if before >= 0 else bounds.start_s
    upper = words[after].start_s if after < len(words) else bounds.end_s
    start = old_words[0].start_s if old_words else lower
    end = max(start, old_words[-1].end_s if old_words else upper)
    if len(old_words) == len(texts):
        for word, text in zip(old_words, texts, strict=True):
            mark = Mark(word.mark.styles) if word.mark and word.mark.styles else None
            yield EditableWord(text, word.start_s, word.end_s, mark=mark, id=ids.take())
        return
    lengths = [len(text.strip()) for text in texts]
    total, position = sum(lengths), 0
    for text, length in zip(texts, lengths, strict=True):
        word_start = start + (end - start) * position / total
        position += length
        yield EditableWord(text, round(word_start, 3), round(start + (end - start) * position / total, 3), id=ids.take())
