"""Sentences: division of text, their importance, and the language of a text by its function words and its writing system."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence

from services.captions.function_words import function_words

UNSPACED_LANGUAGES = ("ja", "zh", "th", "lo", "km", "my")
_LATIN = ("en", "de", "fr", "es", "it", "pt", "nl")
_SCRIPTS = (
    ("ja", "[\u3040-\u30ff]"),
    ("ko", "[\uac00-\ud7af]"),
    ("zh", "[\u4e00-\u9fff]"),
    ("ru", "[\u0400-\u04ff]"),
    ("el", "[\u0370-\u03ff]"),
    ("he", "[\u0590-\u05ff]"),
    ("ar", "[\u0600-\u06ff]"),
    ("hi", "[\u0900-\u097f]"),
    ("th", "[\u0e00-\u0e7f]"),
)
_MIN_SCRIPT_SHARE = 0.2
_END = re.compile(r"(?:[.!?…؟۔।]+[\"'’”»)\]]*(?=\s|$)|[。！？]+[」』”）]*)\s*")
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|vs|cf|e\.g|i\.e|approx|etc|Fig|Eq|No|Nr|bzw|ca|Sr|Sra|ej)|\b[^\W\d_]|\b\d{1,2})\.$"
)
_WORD = re.compile(r"[^\W\d_]{3,}")
_IDEAL_WORDS = (8, 26)


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text. An abbreviation, an initial or an ordinal number ends none."""
    sentences: list[str] = []
    start = 0
    for match in _END.finditer(text):
        piece = text[start : match.end()].strip()
        following = text[match.end() : match.end() + 1]
        if not piece or (following and (following.islower() or (_ABBREVIATION.search(piece) and not following.isspace()))):
            continue
        sentences.append(piece)
        start = match.end()
    rest = text[start:].strip()
    return [*sentences, rest] if rest else sentences


def detect_language(text: str) -> str:
    """Return the likely language of a text; English where nothing speaks for another."""
    sample = text[:20_000]
    letters = sum(map(str.isalpha, sample)) or 1
    for language, letter in _SCRIPTS:
        if len(re.findall(letter, sample)) / letters >= _MIN_SCRIPT_SHARE:
            return language
    words = Counter(re.findall(r"[^\W\d_]+", sample.lower()))
    scores = {language: sum(words[word] for word in function_words(language)) for language in _LATIN}
    best = max(_LATIN, key=lambda language: scores[language])
    return best if scores[best] else "en"


class Ranking:
    """The importance of sentences in one text: how often its rare words occur in the text, and where the sentence stands."""

    def __init__(self, sentences: Sequence[str], language: str) -> None:
        self._ignored = function_words(language)
        counts = Counter(word for sentence in sentences for word in self._words(sentence))
        most = max(counts.values(), default=1)
        self._weights = {word: count / most for word, count in counts.items()}

    def score(self, sentence: str, *, position: int = 0, heading: str = "") -> float:
        """Return the importance of a sentence; `position` is its place in its paragraph."""
        words = self._words(sentence)
        if not words:
            return 0.0
        topic = sum(self._weights.get(word, 0.0) for word in words) / math.sqrt(len(words))
        named = len(set(words) & set(self._words(heading)))
        length = len(sentence.split())
        fit = 1.0 if _IDEAL_WORDS[0] <= length <= _IDEAL_WORDS[1] else 0.7
        return (topic + 0.4 * named + (0.5 if position == 0 else 0.0)) * fit

    def best(self, sentences: Sequence[str], count: int, heading: str = "") -> list[str]:
        """Return the `count` most important sentences, in their order."""
        scored = sorted(range(len(sentences)), key=lambda at: (-self.score(sentences[at], position=at, heading=heading), at))
        return [sentences[at] for at in sorted(scored[:count])]

    def _words(self, text: str) -> list[str]:
        return [word for word in _WORD.findall(text.lower()) if word not in self._ignored]
