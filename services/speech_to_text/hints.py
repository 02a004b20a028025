"""Names and terms that may be spoken, and which of them an engine may have misheard."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz import process
from rapidfuzz.distance import Levenshtein

from domain import Word

_MIN_LETTERS = 4
_MIN_SIMILARITY = 0.58  # of letters: "lemon" for "lemma" has 0.6, "cypher" for "cipher" 0.83
_MIN_SIMILARITY_OF_LONG_TERMS = 0.7  # "the stream" for "key stream" has 0.67, and is right
_LONG_TERM_LETTERS = 8
_MAX_PROBABILITY = 0.8  # of the least probable word of a phrase that may be misheard
_MAX_ENDING = 3  # letters by which a form of the same word is longer or shorter, such as a plural


@dataclass(frozen=True)
class _Term:
    text: str
    letters: str
    words: int


class Hints:
    """Terms that are compared with recognised words."""

    def __init__(self, terms: Sequence[str]) -> None:
        every = [_Term(term, _letters(term), len(term.split())) for term in terms]
        self._terms = [term for term in every if len(term.letters) >= _MIN_LETTERS]
        self._letters = [term.letters for term in self._terms]
        self._lengths = sorted({length for term in self._terms for length in (term.words - 1, term.words, term.words + 1) if length > 0})

    def misheard(self, words: Sequence[Word]) -> list[str]:
        """Return the terms that are spelt like improbable words, but not the same."""
        if not self._terms:
            return []
        misheard: dict[str, None] = {}
        for letters, length in self._improbable_phrases(words):
            matches = process.extract(
                letters, self._letters, scorer=Levenshtein.normalized_similarity, processor=None, score_cutoff=_MIN_SIMILARITY, limit=None
            )
            for _, similarity, index in matches:
                term = self._terms[index]
                is_similar = similarity >= _MIN_SIMILARITY_OF_LONG_TERMS or len(term.letters) < _LONG_TERM_LETTERS
                is_missing = term.letters not in letters and not _is_same_word(letters, term.letters)
                if is_similar and is_missing and abs(term.words - length) <= 1:
                    misheard[term.text] = None
        return list(misheard)

    def _improbable_phrases(self, words: Sequence[Word]) -> Iterator[tuple[str, int]]:
        """Yield the letters of every run of words that is as long as a term, give or take a word, and the number of its words."""
        letters = [_letters(word.text) for word in words]
        for length in self._lengths:
            for first in range(len(words) - length + 1):
                if min(word.probability for word in words[first : first + length]) <= _MAX_PROBABILITY:
                    phrase = "".join(letters[first : first + length])
                    if len(phrase) >= _MIN_LETTERS:
                        yield phrase, length


def has_more_terms(text: str, than: str, terms: Sequence[str]) -> bool:
    """Return whether one of the terms occurs more often in `text` than in `than`."""
    letters, other_letters = _letters(text), _letters(than)
    return any(letters.count(_letters(term)) > other_letters.count(_letters(term)) for term in terms)


def _letters(text: str) -> str:
    """Return the letters and digits of a text, without accents and case."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text).casefold() if sign.isalnum())


def _is_same_word(one: str, other: str) -> bool:
    shorter, longer = sorted((one, other), key=len)
    return longer.startswith(shorter) and len(longer) - len(shorter) <= _MAX_ENDING
