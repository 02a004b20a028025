"""Matches the pages of a deck to the slides of a recording, by their words and by their pictures."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.lecture_deck.pages import DeckPage

_GRAM = 3
_MIN_SCORE = 0.35
_WORDS_ENOUGH_LETTERS = 60  # from here on words count more than pictures
_WORDS_SHARE = 0.8
_LENGTH_SHARE = 0.3  # tells build steps apart: the words of one are on the next
_DIFFERENT_BITS = 90.0  # of 256; pictures that differ by more have nothing in common
_BACK, _SAME, _FAR = 0.04, 0.01, 0.02  # what going back, another slide of the same page, and skipping pages cost


@dataclass(frozen=True)
class ComparedSlide:
    """The parts of a recording's slide that are compared. `picture_hashes`: of the frame, and of the part of it that shows the slide."""

    text: str
    picture_hashes: tuple[str, ...] = ()


def match(slides: Sequence[ComparedSlide], pages: Sequence[DeckPage]) -> list[int | None]:
    """Return the index of the page of each slide, in the order in which the slides appear; None if the deck does not have it.

    The order decides between equally similar pages: the sequence with the highest sum of similarities wins.
    """
    if not slides or not pages:
        return [None] * len(slides)
    weights = _weights([page.text for page in pages])
    page_grams = [_vector(page.text, weights) for page in pages]
    scores = [
        [_score(slide, _vector(slide.text, weights), page, grams) for page, grams in zip(pages, page_grams, strict=True)]
        for slide in slides
    ]
    best = [scores[0]]
    sources: list[list[int]] = []
    for row in scores[1:]:
        before = best[-1]
        chosen = [_best_source(before, new) for new in range(len(pages))]
        sources.append(chosen)
        best.append([before[old] - _cost(old, new) + row[new] for new, old in enumerate(chosen)])
    at = max(range(len(pages)), key=best[-1].__getitem__)
    path = [at]
    for chosen in reversed(sources):
        path.append(at := chosen[at])
    path.reverse()
    return [page if scores[number][page] >= _MIN_SCORE else None for number, page in enumerate(path)]


def is_step_of(page: DeckPage, following: DeckPage) -> bool:
    """Whether a page is an earlier build step of the one after it: everything on it is on that one too."""
    words, more = Counter(page.text.casefold().split()), Counter(following.text.casefold().split())
    return bool(words) and not words - more and page.title == following.title


def _best_source(sums: Sequence[float], new: int) -> int:
    return max(range(len(sums)), key=lambda old: sums[old] - _cost(old, new))


def _cost(old: int, new: int) -> float:
    if new < old:
        return _BACK
    if new == old:
        return _SAME
    return _FAR * min(1.0, (new - old - 1) / 10)


def _score(slide: ComparedSlide, grams: Mapping[str, float], page: DeckPage, page_grams: Mapping[str, float]) -> float:
    lengths = sorted((len(slide.text), len(page.text)))
    words = _cosine(grams, page_grams) * (1 - _LENGTH_SHARE * (1 - lengths[0] / max(1, lengths[1])))
    if not (slide.picture_hashes and page.picture_hash):
        return words
    bits = min((int(each, 16) ^ int(page.picture_hash, 16)).bit_count() for each in slide.picture_hashes)
    picture = max(0.0, 1 - bits / _DIFFERENT_BITS)
    letters = min(len(slide.text), len(page.text))
    share = _WORDS_SHARE * min(1.0, letters / _WORDS_ENOUGH_LETTERS)
    return share * words + (1 - share) * picture


def _weights(texts: Sequence[str]) -> dict[str, float]:
    """Return the weight of each run of three letters: rare ones tell more."""
    counts = Counter(gram for text in texts for gram in set(_grams(text)))
    return {gram: math.log(1 + len(texts) / count) for gram, count in counts.items()}


def _vector(text: str, weights: Mapping[str, float]) -> dict[str, float]:
    rare = max(weights.values(), default=1.0)
    vector = {gram: (1 + math.log(count)) * weights.get(gram, rare / 2) for gram, count in Counter(_grams(text)).items()}
    length = math.sqrt(sum(value * value for value in vector.values()))
    return {gram: value / length for gram, value in vector.items()} if length else {}


def _grams(text: str) -> list[str]:
    letters = "".join(filter(str.isalnum, text.casefold()))
    return [letters[at : at + _GRAM] for at in range(max(1, len(letters) - _GRAM + 1))] if letters else []


def _cosine(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    return sum(value * other[gram] for gram, value in one.items() if gram in other)
