"""The words of a text as terms see them: folded, stemmed, and whether they have content."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from services.captions.function_words import function_words
from services.search.analysis import fold, stem, tokens
from services.terms.common_words import is_common

_MAX_WORDS = 3
_MIN_LETTERS = 3
_CONNECTORS = {"s", "de", "du", "des", "d", "di", "del", "della", "do", "da"}
ENGLISH_DETERMINERS = {"a", "an", "the", "this", "that", "these", "those", "each", "every", "any", "no", "our", "your", "its", "their"}
DETERMINERS = {
    *ENGLISH_DETERMINERS,
    *("le", "la", "les", "un", "une", "des", "du", "ce", "cette", "ces", "l", "d", "el", "los", "las", "una", "unos", "unas"),
    *("il", "lo", "gli", "i", "o", "os", "as", "um", "uma", "uns", "umas", "de", "het", "een"),
}
# "Worst case", "prime number": their first words alone are adjectives, or mean something else. Without verbs ("the arrow points").
_COMPOUND_ENDINGS = """
    being beings case cases number numbers order point problem problems time times
"""
_ENDS_COMPOUND = {"en": frozenset(_COMPOUND_ENDINGS.split())}
Key = tuple[str, ...]
"""The stems of a phrase."""


@dataclass(frozen=True)
class Word:
    text: str
    folded_text: str
    stem: str
    is_content: bool
    is_unspaced: bool
    is_joined: bool = False  # to the one before, by a hyphen
    is_function: bool = False
    ends_compound: bool = False  # a common word that makes a term with the word before it


BREAK = Word("", "", "", False, False)
"""Stands for a sign between words that no phrase goes across, such as a comma."""
_BREAKS = ',;:.!?()[]{}/|<>="“”„«»…–—→、。，；：！？（）'
_ASCII_WORD = re.compile(rf"(?:(?<=[A-Za-z0-9])-)?[A-Za-z0-9]+|[{re.escape(''.join(filter(str.isascii, _BREAKS)))}]+")
_BREAK = re.compile(f"[{re.escape(_BREAKS)}]")


def words_of(text: str, language: str) -> tuple[Word, ...]:
    """Return the words, with `BREAK` between parts; runs of a script without spaces are no words of a phrase, and digits are no content."""
    if text.isascii():
        return tuple([BREAK if each[0] in _BREAKS else _word(each, language, False) for each in _ASCII_WORD.findall(text)])
    return tuple(_words_and_breaks(text, language))


def _words_and_breaks(text: str, language: str) -> Iterator[Word]:
    end = 0
    for token in tokens(text):
        if end and _BREAK.search(text, end, token.start):
            yield BREAK
        yield _word(f"-{token.text}" if text[end : token.start] == "-" else token.text, language, token.is_unspaced)
        end = token.end


@lru_cache(maxsize=50_000)
def _word(word: str, language: str, is_unspaced: bool) -> Word:
    text = word.removeprefix("-")
    folded_text, lower = fold(text), text.lower()
    is_name = text.isupper() and len(text) > 1
    has_letters = not any(map(str.isdigit, text)) and (len(folded_text) >= _MIN_LETTERS or is_name)
    function = function_words(language)
    is_function = folded_text in function or lower in function
    is_content = has_letters and not is_unspaced and not (is_function or is_common(lower, language))
    ends_compound = lower in _ENDS_COMPOUND.get(language, ())
    return Word(text, folded_text, stem(text, language), is_content, is_unspaced, text != word, is_function, ends_compound)


def phrases_of(words: Sequence[Word]) -> Iterator[tuple[int, Key, str]]:
    """Yield (position, stems, form) of each run of one to three content words, the second of three may connect the others."""
    for at, first in enumerate(words):
        if not first.is_content:
            continue
        if not first.is_joined and not (at + 1 < len(words) and words[at + 1].is_joined):
            yield at, (first.stem,), first.text
        for count in range(2, _MAX_WORDS + 1):
            part = words[at : at + count]
            if len(part) < count:
                break
            if not (part[-1].is_content or part[-1].ends_compound):
                if part[-1].folded_text in _CONNECTORS:
                    continue
                break
            if first.is_joined or (at + count < len(words) and words[at + count].is_joined):
                continue  # a part of a word with a hyphen
            yield at, tuple(word.stem for word in part), _form(part)


def _form(words: Sequence[Word]) -> str:
    text = "".join(f"{'-' if word.is_joined else ' '}{word.text}" for word in words)[1:]
    return text.replace(" s ", "\u2019s ")
