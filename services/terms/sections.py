"""Divides speech without slides by topic, and names each section by the phrases that are said in it more than elsewhere.

The division is the most probable one if each section draws its words from a distribution of its own with a symmetric Dirichlet prior
(Eisenstein and Barzilay, "Bayesian unsupervised topic segmentation", 2008). A section without a distinctive phrase has no heading, and
belongs to the one before.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain import Segment
from services.terms.words import DETERMINERS, Key, Word, phrases_of, words_of

_MIN_PARAGRAPHS = 8
_MIN_WORDS_PER_SECTION = 220
_MAX_WORDS_PER_SECTION = 2400
_SECTION_PENALTY = 1.0  # for each section, times the logarithm of the number of words
_PRIOR_COUNT = 0.4  # Dirichlet prior: added to the count of each word of the vocabulary
_MIN_OCCURRENCES = 2
_MIN_SECTION_SHARE = 0.5
_MIN_NOUN_SHARE = 0.25
_MIN_PHRASE_SCORE, _MIN_WORD_SCORE = 3.0, 16.0
_MIN_WORD_TO_PHRASE_RATIO = 2.5
_MIN_SECOND_PHRASE_RATIO = 0.6
_MIN_HEADINGS = 2


@dataclass
class _Candidate:
    by_section: Counter[int] = field(default_factory=Counter)
    paragraphs: set[int] = field(default_factory=set)
    forms: Counter[str] = field(default_factory=Counter)
    noun_count: int = 0


def find_sections(paragraphs: Sequence[Segment], language: str) -> dict[int, str]:
    """Return headings by the index of the paragraph that they stand before; none for short or uniform speech.

    Languages without spaces between words have none.
    """
    code = (language or "en")[:2].lower()
    words = [words_of(paragraph.text, code) for paragraph in paragraphs]
    if len(paragraphs) < _MIN_PARAGRAPHS or sum(word.is_unspaced for each in words for word in each) > len(paragraphs):
        return {}
    starts = _divide(words)
    headings = _headings(words, starts)
    heading_by_start: dict[int, str] = {}
    for start, heading in zip(starts, headings, strict=True):
        if heading and heading not in heading_by_start.values():
            heading_by_start[start] = heading
    return heading_by_start if len(heading_by_start) >= _MIN_HEADINGS else {}


def _divide(words: Sequence[Sequence[Word]]) -> list[int]:
    """Return the indexes of the paragraphs that begin a section."""
    content = [[word.stem for word in each if word.is_content] for each in words]
    lengths = [len(each) for each in words]
    total = sum(map(len, content))
    vocabulary = len({stem for each in content for stem in each})
    section_penalty = _SECTION_PENALTY * math.log(max(total, 2))
    best: list[tuple[float, int]] = [(0.0, 0)]
    sections_to: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for start in range(len(content)):
        for end, cost in _costs_from(start, content, lengths, vocabulary):
            sections_to[end].append((start, cost))
    for end in range(1, len(content) + 1):
        best.append(min(((best[start][0] + cost + section_penalty, start) for start, cost in sections_to[end]), default=(math.inf, 0)))
    starts: list[int] = []
    at = len(content)
    while at:
        at = best[at][1]
        starts.append(at)
    return starts[::-1]


def _costs_from(start: int, content: Sequence[Sequence[str]], lengths: Sequence[int], vocabulary: int) -> Iterator[tuple[int, float]]:
    """Yield (end, cost) of each section that may begin here; the rest of the speech may be shorter than other sections."""
    counts: Counter[str] = Counter()
    word_count, length, cost = 0, 0, 0.0
    for end in range(start + 1, len(content) + 1):
        length += lengths[end - 1]
        if length > _MAX_WORDS_PER_SECTION and end > start + 1:
            return
        for stem in content[end - 1]:
            cost += math.log((word_count + _PRIOR_COUNT * vocabulary) / (counts[stem] + _PRIOR_COUNT))
            counts[stem] += 1
            word_count += 1
        if length >= _MIN_WORDS_PER_SECTION or end == len(content):
            yield end, cost


def _headings(words: Sequence[Sequence[Word]], starts: Sequence[int]) -> list[str]:
    candidates: dict[Key, _Candidate] = defaultdict(_Candidate)
    lengths: Counter[int] = Counter()
    section = -1
    for number, paragraph in enumerate(words):
        section += number in starts
        lengths[section] += len(paragraph)
        for at, key, form in phrases_of(paragraph):
            candidate = candidates[key]
            candidate.by_section[section] += 1
            candidate.paragraphs.add(number)
            candidate.forms[form] += 1
            follows = at > 0 and paragraph[at - 1].folded_text in DETERMINERS
            after = paragraph[at + len(key)] if at + len(key) < len(paragraph) else None
            candidate.noun_count += follows and (after is None or not (after.is_content or after.folded_text in DETERMINERS))
    return [_heading(number, candidates, lengths) for number in range(len(starts))]


def _heading(section: int, candidates: Mapping[Key, _Candidate], lengths: Mapping[int, int]) -> str:
    """Return one or two phrases, or a single word if that is much more frequent; "" if no phrase is distinctive."""
    scores = {key: _score(section, each, lengths) for key, each in candidates.items() if each.by_section[section] >= _MIN_OCCURRENCES}
    sorted_keys = sorted(scores, key=lambda key: (-scores[key], -len(key), key))
    phrases = [key for key in sorted_keys if len(key) > 1 and scores[key] >= _MIN_PHRASE_SCORE]
    min_word_score = max(_MIN_WORD_SCORE, _MIN_WORD_TO_PHRASE_RATIO * scores[phrases[0]]) if phrases else _MIN_WORD_SCORE
    words = [key for key in sorted_keys if len(key) == 1 and scores[key] >= min_word_score]
    other_phrases = [key for key in phrases[1:] if not set(key) <= set(phrases[0]) and not set(phrases[0]) <= set(key)]
    second = [key for key in other_phrases[:1] if scores[key] >= _MIN_SECOND_PHRASE_RATIO * scores[phrases[0]]]
    keys = words[:1] or phrases[:1] + second
    heading = ", ".join(_most_frequent_form(candidates[key]) for key in keys)
    return heading[:1].upper() + heading[1:]


def _most_frequent_form(candidate: _Candidate) -> str:
    return max(candidate.forms, key=lambda form: (candidate.forms[form], form.islower(), form))


def _score(section: int, candidate: _Candidate, lengths: Mapping[int, int]) -> float:
    """Return how distinctive a phrase is for a section; 0 if it is rarely a noun, or as frequent elsewhere."""
    inside, everywhere = candidate.by_section[section], candidate.by_section.total()
    if inside < _MIN_SECTION_SHARE * everywhere or candidate.noun_count < _MIN_NOUN_SHARE * everywhere or len(candidate.paragraphs) < 2:
        return 0.0
    return inside * math.log(inside * sum(lengths.values()) / (everywhere * lengths[section]))
