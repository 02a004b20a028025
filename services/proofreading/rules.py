"""Proofreading by rules, without a model: spacing, stutters, fillers, terms, and capital letters.

Every rule maps the words of one segment to corrections; later rules see the text that earlier ones have left.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from domain import Segment
from lib.text import ends_sentence
from services.captions.function_words import function_words
from services.proofreading.values import Context, Correction, Term, Token, tokens_of

_FILLERS = {
    "en": ("um", "umm", "uh", "uhm", "er", "erm", "mm", "hmm"),
    "de": ("äh", "ähm", "öh", "öhm", "hm", "hmm"),
    "fr": ("euh", "heu", "hum", "hmm"),
    "es": ("eh", "ehm", "mmm", "hmm"),
    "it": ("ehm", "uhm", "mmm", "hmm"),
    "nl": ("eh", "ehm", "uh", "uhm", "hmm"),
    "pt": ("hum", "ahn", "hmm"),
}
_DOUBLED_ON_PURPOSE = frozenset(
    {"that", "had", "very", "no", "so", "die", "der", "das", "den", "nous", "vous", "sehr", "muy", "molto", "не", "si"}
)
_ABBREVIATIONS = frozenset(
    {"dr.", "mr.", "mrs.", "ms.", "prof.", "e.g.", "i.e.", "vs.", "cf.", "fig.", "eq.", "no.", "z.b.", "bzw.", "etc.", "approx."}
)
_PUNCTUATION = re.compile(r"[.,;:!?…]+")
_CORE = re.compile(r"^(\W*)(.*?)(\W*)$", re.DOTALL)
_MIN_FUZZY_LENGTH = 6
_MAX_FUZZY_CONFIDENCE = 0.7
_MAX_MISHEARD_WORDS = 6
_ELLIPSES = ("...", "…")


@dataclass(frozen=True)
class _Piece:
    """Part of the text in progress: it stands for the words `first` to `last`. `text` has no surrounding spaces; "" is deleted."""

    first: int
    last: int
    text: str
    confidence: float
    reasons: tuple[str, ...] = ()

    def with_text(self, text: str, reason: str) -> _Piece:
        return replace(self, text=text, reasons=self.reasons if reason in self.reasons else (*self.reasons, reason))


Rule = Callable[[list[_Piece]], list[_Piece]]


def proofread(segments: Sequence[Segment], context: Context, *, remove_fillers: bool = False) -> list[Correction]:
    """Return the corrections of a transcript."""
    tokens = tokens_of(segments)
    sentence_starts = _SentenceStarts()
    rules = [
        _join_punctuation,
        *([_fillers_rule(context.language)] if remove_fillers else []),
        _stutters_rule(context.language),
        _misheard_rule(context.terms),
        _casing_rule(context),
        _slide_terms_rule(context, tokens),
        _pronoun_rule(context.language),
        sentence_starts.rule,
    ]
    corrections: list[Correction] = []
    for numbers in _segments(tokens):
        before = [_Piece(number, number, tokens[number].bare, tokens[number].confidence) for number in numbers]
        pieces = before
        for rule in rules:
            pieces = rule(pieces)
        corrections += _corrections(tokens, pieces)
    return corrections


def _segments(tokens: Sequence[Token]) -> Iterator[range]:
    start = 0
    for number in range(1, len(tokens) + 1):
        if number == len(tokens) or tokens[number].segment != tokens[start].segment:
            yield range(start, number)
            start = number


def _corrections(tokens: Sequence[Token], pieces: Sequence[_Piece]) -> Iterator[Correction]:
    for piece in pieces:
        before = "".join(tokens[number].text for number in range(piece.first, piece.last + 1)).strip()
        if piece.text != before:
            yield Correction(piece.first, piece.last, before, piece.text, ", ".join(piece.reasons), "rules")


def _indexes_with_text(pieces: Sequence[_Piece]) -> list[int]:
    """Return the indexes of the pieces that have text."""
    return [index for index, piece in enumerate(pieces) if piece.text]


def _join_punctuation(pieces: list[_Piece]) -> list[_Piece]:
    """Join a punctuation mark that stands alone with the word before it."""
    result: list[_Piece] = []
    for piece in pieces:
        if result and _PUNCTUATION.fullmatch(piece.text) and piece.text not in _ELLIPSES:
            last = result[-1]
            result[-1] = replace(last, last=piece.last).with_text(last.text + piece.text, "spacing")
        else:
            result.append(piece)
    return result


def _fillers_rule(language: str) -> Rule:
    fillers = frozenset(_FILLERS.get(language[:2], ()))

    def rule(pieces: list[_Piece]) -> list[_Piece]:
        new_pieces = [piece.with_text("", "filler") if _core(piece.text).casefold() in fillers else piece for piece in pieces]
        for index, (before, after) in enumerate(zip(pieces, new_pieces, strict=True)):
            if not after.text and ends_sentence(before.text):  # the sentence still ends here
                previous_index = next((at for at in reversed(_indexes_with_text(new_pieces[:index]))), None)
                if previous_index is not None and not ends_sentence(new_pieces[previous_index].text):
                    text = new_pieces[previous_index].text.rstrip(",;:") + before.text[-1]
                    new_pieces[previous_index] = new_pieces[previous_index].with_text(text, "punctuation")
        return new_pieces

    return rule


def _stutters_rule(language: str) -> Rule:
    """Delete the first of two equal function words, and the beginning of a word before the whole word ("th- the")."""
    function_word_set = function_words(language) - _DOUBLED_ON_PURPOSE

    def is_stutter(text: str, next_text: str) -> bool:
        word = text.casefold()
        if word.endswith(("-", "–")) and len(word) > 1:
            return next_text.casefold().startswith(word[:-1])
        return word in function_word_set and _core(next_text).casefold() == word

    def rule(pieces: list[_Piece]) -> list[_Piece]:
        indexes = _indexes_with_text(pieces)
        for index, next_index in itertools.pairwise(indexes):
            if is_stutter(pieces[index].text, pieces[next_index].text):
                pieces[index] = pieces[index].with_text("", "stutter")
        return pieces

    return rule


def _misheard_rule(terms: Sequence[Term]) -> Rule:
    """Replace misheard forms by their term; the longest form first."""
    forms: dict[tuple[str, ...], str] = {}
    for term in terms:
        for form in term.misheard:
            key = tuple(_core(word).casefold() for word in form.split())
            if 0 < len(key) <= _MAX_MISHEARD_WORDS:
                forms.setdefault(key, term.term)
    longest = max(map(len, forms), default=0)

    def rule(pieces: list[_Piece]) -> list[_Piece]:
        result: list[_Piece] = []
        at = 0
        while at < len(pieces):
            length = next((n for n in range(min(longest, len(pieces) - at), 0, -1) if _key(pieces[at : at + n]) in forms), 0)
            if length == 0:
                result.append(pieces[at])
                at += 1
                continue
            misheard = pieces[at : at + length]
            text = _affix(misheard[0].text, 1) + forms[_key(misheard)] + _affix(misheard[-1].text, 3)
            result.append(replace(misheard[0], last=misheard[-1].last).with_text(text, "glossary"))
            at += length
        return result

    return rule


def _key(pieces: Sequence[_Piece]) -> tuple[str, ...]:
    return tuple(_core(piece.text).casefold() for piece in pieces)


def _casing_rule(context: Context) -> Rule:
    """Write one-word terms of the glossary, and abbreviations on slides, in their own case."""
    casing = {word.casefold(): word for word in _abbreviations(context) | {term.term for term in context.terms if " " not in term.term}}

    def rule(pieces: list[_Piece]) -> list[_Piece]:
        for index, piece in enumerate(pieces):
            core = _core(piece.text)
            cased_word = casing.get(core.casefold())
            if cased_word and cased_word != core and core:
                pieces[index] = piece.with_text(piece.text.replace(core, cased_word, 1), "term")
        return pieces

    return rule


def _abbreviations(context: Context) -> set[str]:
    """Return the words that slides write in capitals only, outside lines of capitals."""
    words = Counter(_core(word) for line in context.slide_lines for word in line)
    mixed_lines = [line for line in context.slide_lines if any(word != word.upper() for word in line)]
    capitals = {core for line in mixed_lines for word in line if (core := _core(word)).isupper() and core.isalpha() and len(core) >= 3}
    common = function_words(context.language)
    return {word for word in capitals if word.casefold() not in common and not words[word.lower()] and not words[word.capitalize()]}


def _slide_terms_rule(context: Context, tokens: Sequence[Token]) -> Rule:
    """Replace a word that was heard with little confidence by a word of the slides that differs in one letter, such as Haching, Hashing."""
    on_slides = {core.casefold(): core for line in context.slide_lines for word in line if len(core := _core(word)) >= _MIN_FUZZY_LENGTH}
    heard_well = {_core(token.text).casefold() for token in tokens if token.confidence > _MAX_FUZZY_CONFIDENCE}
    by_start: dict[str, list[str]] = {}
    for word in on_slides:
        by_start.setdefault(word[:1], []).append(word)

    def correction_of(word: str) -> str:
        candidates = [each for each in by_start.get(word[:1], ()) if each.isalpha() and _differs_in_one_letter(word, each)]
        return candidates[0] if len(candidates) == 1 else ""

    def rule(pieces: list[_Piece]) -> list[_Piece]:
        for index, piece in enumerate(pieces):
            core = _core(piece.text)
            word = core.casefold()
            if piece.confidence > _MAX_FUZZY_CONFIDENCE or len(word) < _MIN_FUZZY_LENGTH or word in on_slides or word in heard_well:
                continue
            correct = correction_of(word)
            if correct:
                text = correct.capitalize() if core[:1].isupper() else correct
                pieces[index] = piece.with_text(piece.text.replace(core, text, 1), "slide")
        return pieces

    return rule


def _differs_in_one_letter(word: str, other: str) -> bool:
    """Whether one letter was replaced, inserted or left out."""
    if word == other or abs(len(word) - len(other)) > 1:
        return False
    shorter, longer = sorted((word, other), key=len)
    start = next((at for at, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    return shorter[start + (len(shorter) == len(longer)) :] == longer[start + 1 :]


def _pronoun_rule(language: str) -> Rule:
    def rule(pieces: list[_Piece]) -> list[_Piece]:
        if language[:2] != "en":
            return pieces
        return [
            piece.with_text(re.sub(r"\bi\b", "I", piece.text, count=1), "capital")
            if re.match(r"\W*i(['’](m|ll|ve|d))?\W*$", piece.text)
            else piece
            for piece in pieces
        ]

    return rule


class _SentenceStarts:
    """Capital letters after the ends of sentences; it remembers the end of the segment before."""

    def __init__(self) -> None:
        self._at_start = True

    def rule(self, pieces: list[_Piece]) -> list[_Piece]:
        for index in _indexes_with_text(pieces):
            text = pieces[index].text
            if self._at_start and (core := _core(text)) and _is_lower_word(core):
                pieces[index] = pieces[index].with_text(text.replace(core, core[0].upper() + core[1:], 1), "capital")
            self._at_start = ends_sentence(text) and not text.endswith(_ELLIPSES) and text.casefold() not in _ABBREVIATIONS
        return pieces


def _is_lower_word(core: str) -> bool:
    """Whether a word is written in small letters, unlike iPhone and x86."""
    return core[0].islower() and core == core.lower() and not any(map(str.isdigit, core)) and len(core[0].upper()) == 1 and "." not in core


def _core(text: str) -> str:
    """Return the text without the marks around it."""
    return _affix(text, 2)


def _affix(text: str, group: int) -> str:
    match = _CORE.match(text)
    return match[group] if match else ""
