"""Costs of a break between two units: 0 where a sentence ends, high where words belong together.

BBC and Netflix name the same good places: after punctuation, before conjunctions and prepositions; not between an article and its noun, a
preposition and its phrase, or a pronoun and its verb. The numbers are our own; 1.6 is a break between any two words.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence

from lib.text import ends_clause, ends_sentence
from services.captions.function_words import PARTICLES, function_words
from services.captions.limits import MAX_PAUSE_MS
from services.captions.units import Unit

WITHIN_PHRASE = 1.6
AFTER_CLAUSE = 0.6
_AFTER_FUNCTION_WORD = 2.6
_BEFORE_FUNCTION_WORD = -0.4
_BEFORE_PARTICLE = 1.0
_AROUND_LEFT_TO_RIGHT_TEXT = 0.8
_MAX_PAUSE_CREDIT = 0.8  # at one unit per second of pause

_QUOTES = "\"'“”‘’«»„()[]¿¡"


def costs_of_breaks(units: Sequence[Unit], language: str) -> list[float]:
    """Return for each position the cost of a break before that unit; positions 0 and len(units) cost nothing."""
    openers = function_words(language)
    runs_right_to_left = _is_right_to_left(units)
    bare_texts = [unit.text.strip().strip(_QUOTES).lower() for unit in units]
    costs = [0.0] * (len(units) + 1)
    for position in range(1, len(units)):
        unit, next_unit = units[position - 1], units[position]
        pause_ms = max(0, next_unit.start_ms - unit.end_ms)
        if pause_ms >= MAX_PAUSE_MS or _ends_sentence(unit, next_unit):
            continue
        if ends_clause(unit.text):
            costs[position] = AFTER_CLAUSE - min(0.4, pause_ms / 1000)
            continue
        is_abbreviation = unit.text.endswith(".")
        cost = _AFTER_FUNCTION_WORD if bare_texts[position - 1] in openers or is_abbreviation else WITHIN_PHRASE
        cost -= min(_MAX_PAUSE_CREDIT, pause_ms / 1000)
        if bare_texts[position] in openers and not is_abbreviation:
            cost += _BEFORE_FUNCTION_WORD
        elif bare_texts[position][:1] in PARTICLES and not next_unit.has_space:
            cost += _BEFORE_PARTICLE
        if runs_right_to_left and _is_left_to_right(bare_texts[position]):
            cost += _AROUND_LEFT_TO_RIGHT_TEXT  # players take the direction of a line from its first letter
        costs[position] = cost
    return costs


def sentence_ends_before(units: Sequence[Unit]) -> list[int]:
    """Return for each position how many of the units before it end a sentence."""
    counts = [0]
    for unit, next_unit in zip(units, [*units[1:], None], strict=False):
        counts.append(counts[-1] + (next_unit is None or _ends_sentence(unit, next_unit)))
    return counts


def _ends_sentence(unit: Unit, next_unit: Unit) -> bool:
    """Return whether a sentence ends between the units; a full stop before a small letter belongs to an abbreviation."""
    return ends_sentence(unit.text) and not (unit.text.endswith(".") and next_unit.text.lstrip()[:1].islower())


def _is_right_to_left(units: Sequence[Unit]) -> bool:
    counts = Counter(unicodedata.bidirectional(character) for unit in units[:2000] for character in unit.text)
    return counts["R"] + counts["AL"] > counts["L"]


def _is_left_to_right(text: str) -> bool:
    return unicodedata.bidirectional(text[0]) == "L" if text else False
