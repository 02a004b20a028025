"""The words of a text as terms see them: folded, stemmed, and whether they have content."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.captions.function_words import function_words
from services.search.analysis import fold, stem, tokens
from services.terms.common_words import is_common

_MAX_WORDS = 3
_MIN_LETTERS = 3
_CONNECTORS = {"de", "du", "des", "d", "di", "del", "della", "do", "da"}
DETERMINERS = {
    *("a", "an", "the", "this", "that", "these", "those", "each", "every", "any", "no", "our", "your", "its", "their"),
    *("le", "la", "les", "un", "une", "des", "du", "ce", "cette", "ces", "l", "d", "el", "los", "las", "una", "unos", "unas"),
    *("il", "lo", "gli", "i", "o", "os", "as", "um", "uma", "uns", "umas", "de", "het", "een"),
}
Key = tuple[str, ...]
"""The stems of a phrase."""


@dataclass(frozen=True)
class Word:
    text: str
    folded: str
    stem: str
    is_content: bool
    is_unspaced: bool


def words_of(text: str, language: str) -> tuple[Word, ...]:
    """Return the words; runs of a script without spaces are no words of a phrase, and digits are no content."""
    return tuple(_word(token.text, language, is_unspaced=token.is_unspaced) for token in tokens(text))


@lru_cache(maxsize=50_000)
def _word(text: str, language: str, *, is_unspaced: bool) -> Word:
    folded, lower = fold(text), text.lower()
    is_name = text.isupper() and len(text) > 1
    has_letters = not any(map(str.isdigit, text)) and (len(folded) >= _MIN_LETTERS or is_name)
    function = function_words(language)
    is_empty = folded in function or lower in function or is_common(lower, language)
    return Word(text, folded, stem(text, language), has_letters and not is_unspaced and not is_empty, is_unspaced)


def phrases_of(words: Sequence[Word]) -> Iterator[tuple[int, Key, str]]:
    """Yield (position, stems, form) of each run of one to three content words, the second of three may connect the others."""
    for at, first in enumerate(words):
        for count in range(1, _MAX_WORDS + 1):
            part = words[at : at + count]
            if len(part) < count or not first.is_content:
                break
            if not part[-1].is_content:
                if part[-1].folded in _CONNECTORS:
                    continue
                break
            yield at, tuple(word.stem for word in part), " ".join(word.text for word in part)
