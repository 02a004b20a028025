"""The words with which languages read mathematics. To add a language, write its table in a file and add it to `WORDS`."""

from __future__ import annotations

from collections.abc import Mapping

from services.lessons.rendering.maths_words.english import ENGLISH
from services.lessons.rendering.maths_words.french import FRENCH
from services.lessons.rendering.maths_words.german import GERMAN
from services.lessons.rendering.maths_words.signs import SIGNS
from services.lessons.rendering.maths_words.spanish import SPANISH
from services.lessons.rendering.maths_words.table import MathsWords

__all__ = ["SIGNS", "WORDS", "MathsWords", "words_of"]

WORDS: Mapping[str, MathsWords] = {"en": ENGLISH, "de": GERMAN, "fr": FRENCH, "es": SPANISH}


def words_of(language: str) -> MathsWords:
    """Return the words of a BCP 47 language; for one without a table the signs themselves."""
    return WORDS.get(language.partition("-")[0].lower(), SIGNS)
