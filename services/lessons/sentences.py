"""Sentences: division of text, their importance, and the language of a text by its function words and its writing system."""

from __future__ import annotations

import functools
import math
import re
from collections import Counter
from collections.abc import Sequence

from lib.text import SPACED_SENTENCE_ENDS, UNSPACED_SENTENCE_ENDS, clean_text
from services.captions.function_words import function_words

UNSPACED_LANGUAGES = ("ja", "zh", "th", "lo", "km", "my")
_LATIN_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")
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
# The marks that end a sentence. A match begins at the first mark of a run, so that a long run is read once.
_END = re.compile(
    rf"(?:(?<![{SPACED_SENTENCE_ENDS}])[{SPACED_SENTENCE_ENDS}]++[\"'’”»)\]]*+(?=\s|$)"
    rf"|(?<![{UNSPACED_SENTENCE_ENDS}])[{UNSPACED_SENTENCE_ENDS}]++[」』”）]*+)\s*+"
)
_MAX_ABBREVIATION_CHARS = 12
_ABBREVIATION = re.compile(
    r"(?:\b(?:Dr|Mr|Mrs|Ms|Prof|St|vs|cf|e\.g|i\.e|approx|etc|Fig|Eq|No|Nr|bzw|ca|Sr|Sra|ej)|\b[^\W\d_]|\b\d{1,2})\.$"
)
_NEXT_WORD = re.compile(r"[^\W\d_]{2,}")
_NUMBER_END = re.compile(r"(?<!\d)\d{1,2}\.$")
_WORD = re.compile(r"[^\W\d_]{3,}")
_PLAIN_WORD = re.compile(r"[(\"'“‘„«]*[^\W\d_]+(?:['’/-][^\W\d_]+)*[)\"'”’»]*[.,;:!?]*[)\"'”’»]*|[–—-]+|\d+[.,;:]?")
_MIN_PROSE_WORDS = 4
_MIN_PROSE_SHARE = 0.6
_LETTER_OR_DIGIT = re.compile(r"[^\W_]")
_BREAKS = (("。", "！", "？", ". ", "! ", "? "), ("; ", ": ", ", ", " – ", " — ", "；", "，", "、", "،"), (" ",))
_CLAUSE_MARKS = (", ", "; ", ": ", " – ", " — ", "，", "、")
MAX_SENTENCE_CHARS = 600
_IDEAL_WORDS = (8, 26)
# Words at the beginning of a sentence that point back to the one before.
_POINTERS = {
    "en": "it they this these those that he she its their such then also however therefore thus so but and or",
    "de": "er sie es dies diese dieser dieses dadurch dabei daher deshalb auch aber und oder",
    "fr": "il elle ils elles ce cela cette ces aussi mais et donc",
    "es": "él ella ello ellos esto esta este estos estas también pero y",
    "it": "esso essa essi questo questa questi anche ma e",
    "pt": "ele ela eles isto isso este esta também mas e",
    "nl": "hij zij ze dit deze ook maar en",
    "ru": "он она оно они это эти также но и",
}
_POINTER_SHARE = 0.35
# Sentences that give an example or refer to another place.
_WEAK_START = re.compile(
    r"\W*(?:for example|for instance|e\.g\.|i\.e\.|see|note|for (?:more|further) (?:details|information)|click|visit|zum beispiel|z\.\s?B\."
    r"|siehe|par exemple|voir|por ejemplo|véase|per esempio|vedi|por exemplo|zie|bijvoorbeeld|например|см\.)(?!\w)",
    re.IGNORECASE,
)
_WEAK_SHARE = 0.3
_REFERENCE = re.compile(
    r"\W*(?:(?:also |please )?see (?:also |the )?|for (?:more |further )?(?:details?|information)\b.{0,60}\b(?:see|visit|read|refer)\b"
    r"|siehe (?:auch )?|weitere informationen|voir (?:aussi )?|véase |vedi (?:anche )?|ver também |zie ook )",
    re.IGNORECASE,
)
_MAX_REFERENCE_CHARS = 120


def split_sentences(text: str) -> list[str]:
    """Return the sentences of a text. An abbreviation, an initial or an ordinal number ends none; marks without a word are left out."""
    sentences: list[str] = []
    start = 0
    for match in _END.finditer(text):
        next_character = text[match.end() : match.end() + 1]
        end = _last_characters(text, start, match)
        if next_character and (next_character.islower() or _ABBREVIATION.search(end)):
            word = _NEXT_WORD.match(text, match.end())
            if next_character.islower() or word is None or not _NUMBER_END.search(end) or not _is_common(word[0]):
                continue
        sentences.append(text[start : match.end()].strip())
        start = match.end()
    sentences.append(text[start:].strip())
    return [each for each in sentences if _LETTER_OR_DIGIT.search(each)]


def is_reference(sentence: str) -> bool:
    """Whether a sentence only refers to another place, such as "See fcntl(2) for more information."."""
    return len(sentence) <= _MAX_REFERENCE_CHARS and _REFERENCE.match(sentence) is not None


def _last_characters(text: str, start: int, match: re.Match[str]) -> str:
    """Return the end of what begins at `start` and ends with this mark. To search all of it for each mark would take quadratic time."""
    end = match.start() + len(match[0].rstrip())
    return text[max(start, end - _MAX_ABBREVIATION_CHARS) : end]


def split_long(text: str, limit: int = MAX_SENTENCE_CHARS) -> list[str]:
    """Divide a text into parts of at most `limit` characters: after sentences, clauses or words, where there are any."""
    parts: list[str] = []
    rest = text.strip()
    while len(rest) > limit:
        head = rest[:limit]
        ends = (max(head.rfind(mark) + len(mark) for mark in marks if mark in head) for marks in _BREAKS if any(m in head for m in marks))
        at = next((end for end in ends if end > limit // 2), limit)
        parts.append(rest[:at].strip())
        rest = rest[at:].strip()
    return [each for each in (*parts, rest) if each]


def shorten(text: str, limit: int) -> str:
    """Return a text as one line for a slide: without the full stop, cut after a clause or a word if it is too long."""
    line = clean_text(text)
    line = line.removesuffix(".").removesuffix("。") or line
    if len(line) <= limit:
        return line
    start = line[:limit]
    clause = max(start.rfind(mark) for mark in _CLAUSE_MARKS)
    if clause >= limit // 2:
        return start[:clause]
    start = line[: limit - 1]
    return f"{start[: start.rfind(' ')] if ' ' in start[limit // 2 :] else start.rstrip()}…"


def is_prose(text: str) -> bool:
    """Whether a text consists of sentences, not of code, commands or columns."""
    words = text.split()
    if not text.isascii() and len(words) < _MIN_PROSE_WORDS:
        return sum(map(str.isalpha, text)) > 10 * _MIN_PROSE_SHARE
    plain = [word for word in words if _PLAIN_WORD.fullmatch(word)]
    if len(words) < _MIN_PROSE_WORDS or len(plain) < _MIN_PROSE_SHARE * len(words):
        return False
    return not text.isascii() or any(word.lower() in _common_words() for word in plain)


def _is_common(word: str) -> bool:
    return word.lower() in _common_words()


@functools.cache
def _common_words() -> frozenset[str]:
    return frozenset(word for language in _LATIN_LANGUAGES for word in function_words(language))


def detect_language(text: str) -> str:
    """Return the likely language of a text; English where nothing speaks for another."""
    sample = text[:20_000]
    letters = sum(map(str.isalpha, sample)) or 1
    for language, letter in _SCRIPTS:
        if len(re.findall(letter, sample)) / letters >= _MIN_SCRIPT_SHARE:
            return language
    words = Counter(re.findall(r"[^\W\d_]+", sample.lower()))
    scores = {language: sum(words[word] for word in function_words(language)) for language in _LATIN_LANGUAGES}
    best = max(_LATIN_LANGUAGES, key=lambda language: scores[language])
    return best if scores[best] else "en"


class Ranking:
    """The importance of sentences in one text: how often its rare words occur in the text, and where the sentence stands."""

    def __init__(self, sentences: Sequence[str], language: str) -> None:
        self._stop_words = function_words(language)
        self._is_spaced = language.partition("-")[0] in _LATIN_LANGUAGES
        self._pointers = frozenset(_POINTERS.get(language.partition("-")[0], "").split())
        counts = Counter(word for sentence in sentences for word in self._words(sentence))
        max_count = max(counts.values(), default=1)
        self._weights = {word: count / max_count for word, count in counts.items()}

    def score(self, sentence: str, *, position: int = 0, heading: str = "") -> float:
        """Return the importance of a sentence; `position` is its place in its paragraph."""
        words = self._words(sentence)
        if not words:
            return 0.0
        topic = sum(self._weights.get(word, 0.0) for word in words) / math.sqrt(len(words))
        heading_word_count = len(set(words) & set(self._words(heading)))
        length = len(sentence.split())
        fit = 1.0 if _IDEAL_WORDS[0] <= length <= _IDEAL_WORDS[1] else 0.7
        first = re.match(r"\W*(\w+)", sentence.lower())
        stands_alone = 1.0 if first is None or first[1] not in self._pointers else _POINTER_SHARE
        if _WEAK_START.match(sentence) or sentence.rstrip().endswith((":", "：")) or (self._is_spaced and not is_prose(sentence)):
            stands_alone *= _WEAK_SHARE
        return (topic + 0.4 * heading_word_count + (0.5 if position == 0 else 0.0)) * fit * stands_alone

    def best(self, sentences: Sequence[str], count: int, heading: str = "") -> list[str]:
        """Return the `count` most important sentences, in their order."""
        indexes = sorted(range(len(sentences)), key=lambda at: (-self.score(sentences[at], position=at, heading=heading), at))
        return [sentences[at] for at in sorted(indexes[:count])]

    def _words(self, text: str) -> list[str]:
        return [word for word in _WORD.findall(text.lower()) if word not in self._stop_words]
