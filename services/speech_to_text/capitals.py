"""Capital letters at the beginning of sentences, which engines miss where their windows meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from domain import Segment, Word

_CLOSING_MARKS = "\"'\u2019\u201d\u201c\u00bb)]"
_ABBREVIATIONS = {
    *(
        "abb",
        "abs",
        "approx",
        "bzw",
        "ca",
        "cf",
        "dept",
        "dr",
        "eg",
        "eq",
        "est",
        "etc",
        "fig",
        "ggf",
        "ie",
        "inc",
        "jr",
        "mr",
        "mrs",
        "ms",
    ),
    *("nr", "no", "par", "pp", "prof", "resp", "sr", "st", "str", "tab", "usw", "vgl", "viz", "vol", "vs"),
}


def capitalise_sentences(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """Return the same words; those after the end of a sentence begin with a capital letter."""
    previous = ""
    result = []
    for segment in segments:
        words = []
        for word in segment.words:
            words.append(_capitalise(word) if _ends_sentence(previous) else word)
            previous = word.text
        result.append(replace(segment, words=tuple(words)))
    return tuple(result)


def _ends_sentence(text: str) -> bool:
    """Return whether the word ends a sentence for sure: no ellipsis, ordinal number, initial or common abbreviation."""
    stripped_text = text.strip()
    if stripped_text.endswith(("!", "?")):
        return True
    word = stripped_text.rstrip(_CLOSING_MARKS)
    if not word.endswith(".") or word.endswith(".."):
        return False
    stem = word[:-1].lstrip("([\"'")
    return len(stem) > 1 and "." not in stem and stem[-1].isalpha() and stem.lower() not in _ABBREVIATIONS


def _capitalise(word: Word) -> Word:
    start = len(word.text) - len(word.text.lstrip())
    letters = word.text[start:]
    if not letters[:1].islower() or any(sign.isupper() for sign in letters[1:]):
        return word  # no letter, a capital already, or a name such as iPhone
    return replace(word, text=word.text[:start] + letters[0].upper() + letters[1:])
