"""Divide a narration into sentences and pauses, and give its words times."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from domain import Word
from lib.text import ends_clause, ends_sentence, is_wide

_PAUSE = re.compile(r"\[pause(?:\s+(\d{1,5}(?:\.\d{1,3})?)\s*(m?s)?)?\]", re.IGNORECASE)
_DEFAULT_PAUSE_S = 1.0
_MAX_PAUSE_S = 30.0
_MAX_SENTENCE_CHARS = 400
_ABBREVIATION = re.compile(
    r"(?:^|[\s(])(?:(?<![A-Z]\s)[A-Z]|e\.g|i\.e|etc|Dr|Mr|Mrs|Ms|Prof|vs|z\.B|d\.h|ca|approx|Fig|No)\.$",
)
_CLAUSE_WEIGHT = 4.0  # a comma takes about as long as so many letters


@dataclass(frozen=True)
class Piece:
    """A sentence, or a pause of `pause_s` where `text` is empty."""

    text: str = ""
    pause_s: float = 0.0


def pieces(narration: str) -> list[Piece]:
    """Return the sentences and pauses in order."""
    result: list[Piece] = []
    at = 0
    for match in _PAUSE.finditer(narration):
        result += (Piece(text) for text in _sentences(narration[at : match.start()]))
        result.append(Piece(pause_s=_pause_s(match)))
        at = match.end()
    return result + [Piece(text) for text in _sentences(narration[at:])]


def _pause_s(match: re.Match[str]) -> float:
    if not match[1]:
        return _DEFAULT_PAUSE_S
    return min(float(match[1]) * (0.001 if (match[2] or "s").lower() == "ms" else 1), _MAX_PAUSE_S)


def pauses_s(narration: str) -> float:
    """Return the seconds of all pauses together."""
    return sum(map(_pause_s, _PAUSE.finditer(narration)))


def without_pauses(narration: str) -> str:
    """Return the words alone."""
    return " ".join(_PAUSE.sub(" ", narration).split())


def _sentences(text: str) -> Iterator[str]:
    sentence: list[str] = []
    for word in _words(text):
        sentence.append(word)
        sentence_text = "".join(sentence).strip()
        is_end = ends_sentence(word) and not _ABBREVIATION.search(sentence_text)
        if is_end or (len(sentence_text) > _MAX_SENTENCE_CHARS and (ends_clause(word) or len(sentence_text) > 2 * _MAX_SENTENCE_CHARS)):
            yield sentence_text
            sentence = []
    if rest := "".join(sentence).strip():
        yield rest


def _words(text: str) -> list[str]:
    """Return the words with the space before them; in scripts without spaces each character is one."""
    words: list[str] = []
    for match in re.finditer(r"\s*\S+", text):
        token = " " + match[0].strip() if match[0][:1].isspace() else match[0]
        if any(is_wide(character) for character in token):
            for character in token:
                if (words and not is_wide(character) and not character.isspace() and words[-1] and not is_wide(words[-1][-1])) or (
                    words and not character.isalnum() and not character.isspace()
                ):
                    words[-1] += character
                else:
                    words.append(character)
        else:
            words.append(token)
    return [word for word in words if word.strip()]


def apply_pronunciations(text: str, pronunciations: Mapping[str, str]) -> str:
    """Replace whole words by what is spoken instead, without regard to case; longer entries go first. What is put in is not replaced."""
    if not pronunciations:
        return text
    terms = "|".join(re.escape(term) for term in sorted(pronunciations, key=len, reverse=True))
    replacements = {term.casefold(): spoken_as for term, spoken_as in pronunciations.items()}
    return re.sub(rf"(?<!\w)(?:{terms})(?!\w)", lambda match: replacements.get(match[0].casefold(), match[0]), text, flags=re.IGNORECASE)


def timed_words(text: str, start_s: float, end_s: float) -> list[Word]:
    """Share the time of a sentence among its words, by their letters and the pauses after clauses."""
    words = _words(text)
    weights = [len(word.strip()) + 1.5 + (_CLAUSE_WEIGHT if ends_clause(word) else 0.0) for word in words]
    total = sum(weights) or 1.0
    if words and ends_clause(words[-1]):
        total -= _CLAUSE_WEIGHT
    result: list[Word] = []
    at = start_s
    for word, weight in zip(words, weights, strict=True):
        until = min(end_s, at + (end_s - start_s) * weight / total)
        sounding_share = (weight - (_CLAUSE_WEIGHT if ends_clause(word) else 0.0)) / weight
        result.append(Word(word, round(at, 3), round(at + (until - at) * sounding_share, 3)))
        at = until
    return result


def estimated_s(text: str) -> float:
    """Return about how long a sentence takes to say at a natural pace."""
    return 0.35 + sum(0.22 if is_wide(character) else 0.064 for character in text)


def all_words(sentences: Sequence[Sequence[Word]]) -> tuple[Word, ...]:
    """Join the words of sentences; the first word of each but the first gets a space before it."""
    result: list[Word] = []
    for words in sentences:
        for number, word in enumerate(words):
            needs_space = bool(result) and number == 0 and not word.text[:1].isspace() and not is_wide(word.text[0])
            result.append(Word(" " + word.text, word.start_s, word.end_s) if needs_space else word)
    return tuple(result)
