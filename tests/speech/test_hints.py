"""Terms that an engine may have misheard, and windows that are decoded again with them."""

from __future__ import annotations

import pytest

from domain import Word
from services.speech_to_text.hints import Hints, has_more_terms

HINTS = Hints(["lemma", "cipher", "pseudorandom generator", "Hashing", "Merge sort", "hash table", "K\u00f6nig", "set"])


def words(text: str, probability: float = 0.5) -> list[Word]:
    return [Word(f" {word}", index, index + 1, probability) for index, word in enumerate(text.split())]


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("by the lemon above", ["lemma"]),
        ("A cypher, then", ["cipher"]),
        ("a pseudoronum generator", ["pseudorandom generator"]),
        ("a pseudo random generate her", ["pseudorandom generator"]),
        ("in an ash table.", ["hash table"]),
        ("after Konich", ["K\u00f6nig"]),
    ],
)
def test_a_term_is_misheard_where_improbable_words_are_spelt_like_it(text: str, terms: list[str]) -> None:
    assert HINTS.misheard(words(text)) == terms


@pytest.mark.parametrize(
    "text", ["the hashing of keys", "merge sorts", "two hash tables", "K\u00f6nig", "ciphers", "the sum of all", "a sat", "the merge"]
)
def test_terms_that_are_there_and_words_unlike_them_are_not(text: str) -> None:
    assert HINTS.misheard(words(text)) == []


def test_a_text_that_holds_the_term_is_told_from_one_that_does_not() -> None:
    assert has_more_terms("By the Lemma above, the lemma", "By the lemma above, the lemon", ["lemma"])
    assert not has_more_terms("By the lemma above, the lime", "By the lemma above, the lemon", ["lemma"])


def test_probable_words_are_not_misheard() -> None:
    assert HINTS.misheard(words("by the lemon above", probability=0.97)) == []
    assert Hints([]).misheard(words("by the lemon above")) == []
