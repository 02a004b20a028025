"""The times at which the elements of a slide appear: with the words that speak of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from domain import Word
from lib.text import ends_sentence, is_wide
from services.lessons.rendering.slide_data import Element

_STEM_LENGTH = 5  # letters of a word that are compared
_MIN_SCORE = 0.3
_LEAD_S = 0.25  # an element appears a little before its first word
MIN_STEP_S = 0.4
_REST_S = 0.8  # the last element is there so long before the end
_SILENT_START_S = 0.8


def appearances(elements: Sequence[Element], words: Sequence[Word], duration_s: float) -> list[float]:
    """Return a time for each element, in order. Elements that the narration does not mention get times between their neighbours."""
    if not elements:
        return []
    indexes = _matches([_tokens(each.text) for each in elements], words) if words else [None] * len(elements)
    times: list[float | None] = [None if index is None else words[index].start_s - _LEAD_S for index in indexes]
    for number, element in enumerate(elements):
        if element.at_end and words:
            times[number] = _last_sentence_s(words) - _LEAD_S
    return _spread(times, duration_s)


def _tokens(text: str) -> list[str]:
    """Return the stems of the words of a text that carry meaning, without duplicates; the single characters of scripts without spaces."""
    plain = "".join(each if each.isalnum() else " " for each in unicodedata.normalize("NFKC", text).casefold())
    tokens: list[str] = []
    for word in plain.split():
        if any(is_wide(character) for character in word):
            tokens += [word[index] for index in range(len(word))]
        else:
            tokens.append(word[:_STEM_LENGTH])
    long = [token for token in tokens if len(token) > 3 or not token.isascii()]
    return list(dict.fromkeys(long or tokens))


def _matches(elements: Sequence[Sequence[str]], words: Sequence[Word]) -> list[int | None]:
    """Return the index of the word at which each element is spoken of, in rising order, so that the sum of the scores is largest."""
    word_stems = [_stem(word.text) for word in words]
    scores = [_scores(tokens, word_stems) for tokens in elements]
    # best[e][i]: the largest sum for the first e elements with all matches before word i.
    count = len(word_stems)
    best = [[0.0] * (count + 1) for _ in range(len(elements) + 1)]
    for e, element_scores in enumerate(scores, 1):
        for i in range(1, count + 1):
            best[e][i] = max(best[e][i - 1], best[e - 1][i], best[e - 1][i - 1] + element_scores[i - 1])
    indexes: list[int | None] = [None] * len(elements)
    e, i = len(elements), count
    while e > 0 and i > 0:
        if best[e][i] == best[e][i - 1]:
            i -= 1
        elif best[e][i] == best[e - 1][i]:
            e -= 1
        else:
            indexes[e - 1] = i - 1
            e, i = e - 1, i - 1
    return indexes


def _stem(text: str) -> str:
    return "".join(each for each in unicodedata.normalize("NFKC", text).casefold() if each.isalnum())[:_STEM_LENGTH]


def _scores(tokens: Sequence[str], word_stems: Sequence[str]) -> list[float]:
    """Return for each spoken word which share of the tokens follows from there, 0 for a word that is not a token."""
    scores = [0.0] * len(word_stems)
    token_set = set(tokens)
    reach = 2 * len(tokens) + 4
    for index, word in enumerate(word_stems):
        if word in token_set:
            share = len(token_set.intersection(word_stems[index : index + reach])) / len(token_set)
            # Of equal matches, the earlier one counts slightly more.
            scores[index] = share - 0.0005 * index / len(word_stems) if share >= _MIN_SCORE else 0.0
    return scores


def _last_sentence_s(words: Sequence[Word]) -> float:
    starts = [0, *(index + 1 for index, word in enumerate(words[:-1]) if ends_sentence(word.text))]
    return words[starts[-1]].start_s


def _spread(times: Sequence[float | None], duration_s: float) -> list[float]:
    """Fill the gaps evenly, and keep a distance between the elements and to the end."""
    count = len(times)
    latest = max(0.0, duration_s - _REST_S)
    step = min(MIN_STEP_S, latest / count)
    result: list[float] = []
    for number, time in enumerate(times):
        if time is None:
            next_time = next(((index, each) for index, each in enumerate(times[number:], number) if each is not None), (count, latest))
            before = result[-1] if result else min(_SILENT_START_S, latest / (count + 1)) - 1e-6
            span = max(0.0, next_time[1] - before)
            time = before + span / (next_time[0] - number + 1) if result or next_time[0] != number else before
            if not result:
                time = before
        time = max(0.0, min(time, latest - step * (count - 1 - number)))
        result.append(max(time, result[-1] + step) if result else time)
    return result
