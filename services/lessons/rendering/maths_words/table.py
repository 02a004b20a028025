"""The table of words with which a language reads mathematics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from services.lessons.rendering.latex_symbols import GREEK

NAMES = {character: name.removeprefix("var") for name, character in GREEK.items()}
"""The names of Greek letters."""
COMMAS = {",": ",", ";": ","}


@dataclass(frozen=True)
class MathsWords:
    """The words of a language for mathematics.

    `symbols` and `functions` are words for characters and operators; others are read as they are written, operators with `function`.
    `roots`, `powers` and `indices` are the words for common ones, `root`, `power` and `index` those for others. `limit` stands between
    a limit and what its variable does, `limit_arrow` for the arrow there. A sum goes `start` ... `end` ... `of_range`, or `over` ... `of`.
    `fences` are words for two equal delimiters. `has_brackets`: brackets are kept, and stand around what belongs together.
    """

    symbols: Mapping[str, str]
    functions: Mapping[str, str]
    function: str
    half: str
    fraction: str
    long_fraction: str
    binomial: str
    roots: Mapping[str, str]
    root: str
    powers: Mapping[str, str]
    power: str
    index: str
    start: str
    end: str
    of_range: str
    over: str
    of: str
    limit: str
    limit_arrow: str
    after_limit: str
    arrow: str
    matrix: str
    fences: Mapping[str, str] = field(default_factory=dict)
    marks: Mapping[str, str] = field(default_factory=dict)
    indices: Mapping[str, str] = field(default_factory=dict)
    has_brackets: bool = False
