"""Lines of a slide as runs of text and of mathematics between dollar signs."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from services.lessons.errors import InvalidFormula
from services.lessons.rendering import latex
from services.lessons.rendering.spoken_maths import speak, write

Runs = list[dict[str, Any]]

# As in Pandoc's Markdown: no space inside the signs, no digit after them; and only what looks like mathematics, because of prices.
_INLINE_MATHS = re.compile(r"\$(?=\S)([^$\n]{1,300}?)(?<=\S)\$(?!\d)")
_LOOKS_LIKE_MATHS = re.compile(r"[\\^_{}=+<>*/]|^[A-Za-z]$|^-?\d*[A-Za-z]$")
_LONG_WORD = re.compile(r"[^\s\u200b]{25,}")
_BREAK_EVERY = 12


def runs(text: str) -> Runs:
    """Divide a line into runs: {"text": ...} and {"math": tree}. Raises InvalidFormula."""
    result: Runs = []
    at = 0
    for match in _INLINE_MATHS.finditer(text):
        if _LOOKS_LIKE_MATHS.search(match[1]):
            result += _text_run(text[at : match.start()])
            result.append({"math": latex.parse(match[1])})
            at = match.end()
    return result + _text_run(text[at:])


def _text_run(text: str) -> Runs:
    """Allow a line break inside very long words, such as addresses."""

    def break_up(match: re.Match[str]) -> str:
        word = match[0]
        return "\u200b".join(word[index : index + _BREAK_EVERY] for index in range(0, len(word), _BREAK_EVERY))

    return [{"text": _LONG_WORD.sub(break_up, text)}] if text else []


def inline_formulas(text: str) -> list[str]:
    """Return the formulas of a text that are understood."""
    return [match[1] for match in _INLINE_MATHS.finditer(text) if _LOOKS_LIKE_MATHS.search(match[1]) and _is_known(match[1])]


def speak_formulas(text: str, language: str, readings: Mapping[str, str] = MappingProxyType({})) -> str:
    """Return the text with its formulas as words; a formula that is not understood stays as it is.

    `readings`: the words of formulas that another reader has provided.
    """

    return _without_formulas(text, lambda formula: readings.get(formula) or speak(latex.parse(formula), language))


def write_formulas(text: str) -> str:
    """Return the text with its formulas as signs in one line; a formula that is not understood stays as it is."""
    return _without_formulas(text, lambda formula: write(latex.parse(formula)))


def _without_formulas(text: str, convert: Callable[[str], str]) -> str:
    def replace(match: re.Match[str]) -> str:
        try:
            return convert(match[1]) if _LOOKS_LIKE_MATHS.search(match[1]) else match[0]
        except InvalidFormula:
            return match[0]

    return _INLINE_MATHS.sub(replace, text)


def _is_known(formula: str) -> bool:
    try:
        latex.parse(formula)
    except InvalidFormula:
        return False
    return True
