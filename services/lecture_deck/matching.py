"""Matches the pages of a deck to the slides of a recording, by their words and by their pictures."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from services.lecture_deck.pages import DeckPage

_GRAM_LENGTH = 3
_MIN_SCORE = 0.35
_ENOUGH_LETTERS = 60  # from here on words count fully
_WORDS_WEIGHT = 0.4  # relative to pictures
_CLEAR_SCORE, _CLEAR_LEAD = 0.7, 0.15  # from here on, pictures are not compared
_CLEAR_SIMILARITY, _CLEAR_SIMILARITY_LEAD = 0.95, 0.04  # of pictures; words do not count then, as OCR may have missed some of a page
_BASELINE_SIMILARITY = 0.4  # similarity of pictures of different pages of a deck
_LENGTH_WEIGHT = 0.3  # distinguishes build steps: the words of one are also on the next
_MAX_NEAR_EQUAL_DIFFERENCE, _NUMBERS_DEDUCTION = 0.06, 0.05
_BACK_COST, _SAME_PAGE_COST, _SKIP_COST = 0.04, 0.01, 0.02  # of going back, of another slide of the same page, of skipping pages


def match(
    slides: Sequence[str], pages: Sequence[DeckPage], similarities: Callable[[int], Sequence[float] | None] = lambda _: None
) -> list[int | None]:
    """Return the index of the page of each slide, None if it is not in the deck.

    `slides`: the words of each, in the order in which they appear. `similarities` returns the similarity of a
    slide's picture to each page, from 0 to 1, or None if unknown; it is called for slides whose words match no page clearly.
    The order decides between equally similar pages: the sequence with the highest sum of similarities wins.
    """
    if not slides or not pages:
        return [None] * len(slides)
    texts = _Texts([page.text for page in pages])
    scores = [_scores(number, text, texts, similarities) for number, text in enumerate(slides)]
    best = [scores[0]]
    sources: list[list[int]] = []
    for row in scores[1:]:
        before = best[-1]
        best_sources = [_best_source(before, new) for new in range(len(pages))]
        sources.append(best_sources)
        best.append([before[old] - _cost(old, new) + row[new] for new, old in enumerate(best_sources)])
    at = max(range(len(pages)), key=best[-1].__getitem__)
    path = [at]
    for best_sources in reversed(sources):
        path.append(at := best_sources[at])
    path.reverse()
    return [page if scores[number][page] >= _MIN_SCORE else None for number, page in enumerate(path)]


def is_step_of(page: DeckPage, next_page: DeckPage) -> bool:
    """Whether a page is an earlier build step of the one after it: all of its words, except the page number, are also on that one."""
    words, next_words = Counter(page.text.casefold().split()), Counter(next_page.text.casefold().split())
    missing = [word for word in (words - next_words) if not _is_number_of(page, word)]
    return bool(words) and not missing and page.title == next_page.title


def _is_number_of(page: DeckPage, word: str) -> bool:
    """Whether the word is the number of the page, such as "7" or "7/40"."""
    number = re.match(r"\d{1,4}(?!\d)", word)
    return number is not None and int(number[0]) == page.number


def _best_source(sums: Sequence[float], new: int) -> int:
    return max(range(len(sums)), key=lambda old: sums[old] - _cost(old, new))


def _cost(old: int, new: int) -> float:
    if new < old:
        return _BACK_COST
    if new == old:
        return _SAME_PAGE_COST
    return _SKIP_COST * min(1.0, (new - old - 1) / 10)


def _scores(number: int, text: str, texts: _Texts, similarities: Callable[[int], Sequence[float] | None]) -> list[float]:
    """Return the score of each page for a slide."""
    words = texts.similarities(text)
    first, second = sorted([0.0, *words])[-2:][::-1]
    if len(text) >= _ENOUGH_LETTERS and first >= _CLEAR_SCORE and first - second >= _CLEAR_LEAD:
        return words
    pictures = similarities(number)
    if pictures is None:
        return words
    looks = [max(0.0, (each - _BASELINE_SIMILARITY) / (1 - _BASELINE_SIMILARITY)) for each in pictures]
    likest, next_likest = sorted([0.0, *pictures])[-2:][::-1]
    if likest >= _CLEAR_SIMILARITY and likest - next_likest >= _CLEAR_SIMILARITY_LEAD:
        return looks
    share = [_WORDS_WEIGHT * min(1.0, min(len(text), length) / _ENOUGH_LETTERS) for length in texts.lengths]
    return [part * text_score + (1 - part) * look for part, text_score, look in zip(share, words, looks, strict=True)]


class _Texts:
    """The words of the pages."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.lengths = [len(text) for text in texts]
        self._weights = _weights(texts)
        self._vectors = [_vector(text, self._weights) for text in texts]
        self._numbers = [_numbers(text) for text in texts]

    def similarities(self, text: str) -> list[float]:
        """Return the similarity of the words of each page, from 0 to 1."""
        vector = _vector(text, self._weights)
        values = [self._similarity(vector, len(text), page) for page in range(len(self._vectors))]
        similar_pages = [page for page, value in enumerate(values) if value >= max(values) - _MAX_NEAR_EQUAL_DIFFERENCE]
        for page, share in zip(similar_pages, self._shares_of_numbers(_numbers(text), similar_pages), strict=True):
            values[page] -= _NUMBERS_DEDUCTION * (1 - share)
        return values

    def _similarity(self, vector: Mapping[str, float], length: int, page: int) -> float:
        shorter, longer = sorted((length, self.lengths[page]))
        return _cosine(vector, self._vectors[page]) * (1 - _LENGTH_WEIGHT * (1 - shorter / max(1, longer)))

    def _shares_of_numbers(self, numbers: frozenset[str], pages: Sequence[int]) -> list[float]:
        """Return for each of near-equal pages the share of its distinctive numbers (not on all of them) that the slide has."""
        common = frozenset.intersection(*(self._numbers[page] for page in pages))
        page_numbers = [self._numbers[page] - common for page in pages]
        has_others = bool(numbers & frozenset().union(*page_numbers))
        return [len(each & numbers) / len(each) if each else float(not has_others) for each in page_numbers]


def _numbers(text: str) -> frozenset[str]:
    return frozenset(re.findall(r"\d+(?:[.,]\d+)*", text))


def _weights(texts: Sequence[str]) -> dict[str, float]:
    """Return the weight of each run of three letters: the inverse document frequency."""
    counts = Counter(gram for text in texts for gram in set(_grams(text)))
    return {gram: math.log(1 + len(texts) / count) for gram, count in counts.items()}


def _vector(text: str, weights: Mapping[str, float]) -> dict[str, float]:
    rare = max(weights.values(), default=1.0)
    vector = {gram: (1 + math.log(count)) * weights.get(gram, rare / 2) for gram, count in Counter(_grams(text)).items()}
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {gram: value / length for gram, value in vector.items()} if length else {}


def _grams(text: str) -> list[str]:
    letters = "".join(filter(str.isalnum, text.casefold()))
    return [letters[at : at + _GRAM_LENGTH] for at in range(max(1, len(letters) - _GRAM_LENGTH + 1))] if letters else []


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(value * other[gram] for gram, value in one.items() if gram in other)
