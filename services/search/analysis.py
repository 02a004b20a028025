"""From text to terms. Texts and queries pass through the same steps, so that every database indexes and finds the same terms.

A word is folded (case, width, accents) and stemmed by the Snowball algorithm of the language. Scripts without spaces between words become
overlapping pairs of characters.
"""

from __future__ import annotations

import functools
import re
import threading
import unicodedata
from collections.abc import Iterator
from typing import NamedTuple

import Stemmer

from lib.text import UNSPACED

MAX_TERM_CHARS = 64
_MIN_TYPO_CHARS = 4  # shorter words have too many neighbours
_ALGORITHMS = {
    "ar": "arabic",
    "ca": "catalan",
    "cs": "czech",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "eo": "esperanto",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fa": "persian",
    "fi": "finnish",
    "fr": "french",
    "ga": "irish",
    "hi": "hindi",
    "hu": "hungarian",
    "hy": "armenian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nb": "norwegian",
    "ne": "nepali",
    "nl": "dutch",
    "nn": "norwegian",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sr": "serbian",
    "sv": "swedish",
    "ta": "tamil",
    "tr": "turkish",
    "yi": "yiddish",
}
_UNSPACED = UNSPACED + "\uac00-\ud7af"  # and Hangul, whose compounds are written with or without spaces
# Marks that are left out: accents of Latin and Greek letters, points of Hebrew and Arabic. In other scripts marks are letters.
_ACCENTS = re.compile("(?<=[\u0041-\u03ff\u1e00-\u1fff])[\u0300-\u036f]+|[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670]+")
_ASCII_WORD = re.compile("[A-Za-z0-9]+")
_thread = threading.local()


class Token(NamedTuple):
    """A word, or a run of characters of a script without spaces; `text[start:end]` of the text that it was found in."""

    start: int
    end: int
    text: str
    is_unspaced: bool


def tokens(text: str) -> Iterator[Token]:
    """Yield the words of a text in order."""
    pattern = _ASCII_WORD if text.isascii() else _patterns()[0]  # equal for ASCII, and ten times as fast
    for match in pattern.finditer(text):
        yield Token(match.start(), match.end(), match[0], match.lastgroup == "unspaced")


def terms(text: str, language: str) -> Iterator[tuple[str, int, int]]:
    """Yield the terms of a text in order, each with the range of the text that it stands for."""
    for token in tokens(text):
        if not token.is_unspaced:
            yield stem(token.text, language), token.start, token.end
            continue
        for at in range(len(token.text)):  # the last pair is a single character, so that each character begins a term
            yield fold(token.text[at : at + 2]), token.start + at, min(token.start + at + 2, token.end)


def stem(word: str, language: str) -> str:
    """Return the term of a word. Without a Snowball algorithm for the language, it is the folded word."""
    return _stem(word, _ALGORITHMS.get(language.partition("-")[0].lower(), ""))


@functools.lru_cache(maxsize=100_000)
def _stem(word: str, algorithm: str) -> str:
    folded_word = fold(word)
    if not algorithm or folded_word.isdigit():
        return folded_word
    return _stemmer(algorithm).stemWord(folded_word) or folded_word


def _stemmer(algorithm: str) -> Stemmer.Stemmer:
    """Return this thread's stemmer: a stemmer may serve one thread only."""
    stemmers: dict[str, Stemmer.Stemmer] = _thread.__dict__.setdefault("stemmers", {})
    if algorithm not in stemmers:
        stemmers[algorithm] = Stemmer.Stemmer(algorithm, 0)
    return stemmers[algorithm]


def fold(word: str) -> str:
    """Return the word in lower case, in the usual width and without accents."""
    if word.isascii():
        return word.lower()[:MAX_TERM_CHARS]
    plain = unicodedata.normalize("NFKC", word).casefold()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", plain)).replace("\u0435\u0308", "\u0435")
    return "".join(filter(_is_word_char, unicodedata.normalize("NFC", plain)))[:MAX_TERM_CHARS]


def typo_variants(word: str) -> set[str]:
    """Return the folded word, and what is left of it without one of its characters.

    Two words with a variant in common differ by one inserted, deleted, replaced or exchanged character, or by little more.
    """
    folded_word = fold(word)
    if len(folded_word) < _MIN_TYPO_CHARS or folded_word.isdigit():
        return set()
    return {folded_word, *(folded_word[:at] + folded_word[at + 1 :] for at in range(len(folded_word)))}


@functools.cache
def _patterns() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """Return the patterns of a token, and of a character of a word: letters, digits, and marks, which `\\w` leaves out."""
    marks = "".join(chr(code) for code in range(0x300, 0x20000) if unicodedata.category(chr(code)) in ("Mn", "Mc"))
    word = rf"(?:[^\W_]|[{marks}])"
    return re.compile(rf"(?P<unspaced>[{_UNSPACED}]+)|(?:(?![{_UNSPACED}]){word})+"), re.compile(word)


def _is_word_char(character: str) -> bool:
    return _patterns()[1].match(character) is not None
