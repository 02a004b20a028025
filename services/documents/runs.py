"""Paragraphs as runs: pieces of text that are set alike."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from domain import Mark, Style, Word
from lib.text import clean_inline, clean_text

_SUPERSCRIPTS = str.maketrans("0123456789+-=()in", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁱⁿ")
_SUBSCRIPTS = str.maketrans("0123456789+-=()", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎")


class Change(StrEnum):
    """The difference of a run from the recognised text."""

    NONE = ""
    INSERTED = "inserted"
    DELETED = "deleted"


@dataclass(frozen=True)
class TextRun:
    """A piece of text. `text` keeps the spaces at its ends."""

    text: str
    styles: tuple[Style, ...] = ()
    change: Change = Change.NONE

    def split_spaces(self) -> tuple[str, str, str]:
        """Return the spaces before the text, the text, and the spaces after it."""
        text = self.text.strip()
        start = self.text.find(text)
        return self.text[:start], text, self.text[start + len(text) :]


def runs_of(words: Sequence[Word]) -> tuple[TextRun, ...]:
    """Return the runs of a paragraph, with the text that was deleted. Neighbours differ in style or change."""
    if not any(word.mark for word in words):
        text = clean_text("".join([word.text for word in words]))
        return (TextRun(text),) if text else ()
    pieces = (piece for word in words for piece in _pieces(word))
    runs = []
    for run, group in itertools.groupby(pieces, key=lambda piece: replace(piece, text="")):
        runs.append(replace(run, text=clean_inline("".join(piece.text for piece in group))))
    return tuple(_trim([run for run in runs if run.text]))


def visible(runs: Sequence[TextRun]) -> tuple[TextRun, ...]:
    """Return the runs without what was deleted, as if every change was accepted."""
    return tuple(run for run in runs if run.change != Change.DELETED)


def text_of(runs: Sequence[TextRun]) -> str:
    return "".join(run.text for run in visible(runs))


def plain_text(runs: Sequence[TextRun]) -> str:
    """Return the text with raised and lowered signs where Unicode has them; `^` and `_` stand for the others."""
    return "".join(_plain(run) for run in visible(runs))


def markup(runs: Sequence[TextRun], escape: Callable[[str], str], signs: dict[Style, tuple[str, str]]) -> str:
    """Return the escaped text with the signs of a markup language around it; spaces stay outside the signs."""
    parts = []
    for run in visible(runs):
        before, text, after = run.split_spaces()
        styled_text = escape(text)
        for style in run.styles:
            styled_text = signs[style][0] + styled_text + signs[style][1] if text else styled_text
        parts += [before, styled_text, after]
    return "".join(parts)


def _pieces(word: Word) -> Iterator[TextRun]:
    mark = word.mark or Mark()
    if mark.deleted_before:
        yield TextRun(mark.deleted_before, (), Change.DELETED)
    yield TextRun(word.text, mark.styles, Change.INSERTED if mark.is_inserted else Change.NONE)
    if mark.deleted_after:
        yield TextRun(mark.deleted_after, (), Change.DELETED)


def _trim(runs: list[TextRun]) -> Iterator[TextRun]:
    """Yield the runs without spaces at the start and the end of the paragraph."""
    visible_indexes = [index for index, run in enumerate(runs) if run.change != Change.DELETED]
    for index, run in enumerate(runs):
        text = run.text.lstrip() if index == 0 or (visible_indexes and index == visible_indexes[0]) else run.text
        text = text.rstrip() if index == len(runs) - 1 or (visible_indexes and index == visible_indexes[-1]) else text
        if text:
            yield replace(run, text=text)


def _plain(run: TextRun) -> str:
    for style, table, sign in ((Style.SUPERSCRIPT, _SUPERSCRIPTS, "^"), (Style.SUBSCRIPT, _SUBSCRIPTS, "_")):
        if style in run.styles:
            before, text, after = run.split_spaces()
            raised_text = text.translate(table) if all(ord(character) in table for character in text) else f"{sign}{text}"
            return before + raised_text + after
    return run.text
