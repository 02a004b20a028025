"""Search queries: words, "phrases" and beginnings (`photo*`), all of which a recording must have."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import errors
from services.search import analysis

MAX_GROUPS = 16
_CHUNK = re.compile(r'"([^"]*)"?|(\S+)')
TYPO = "\u00ac"  # begins terms that stand for misspelt words of titles; no word has this character


class NothingToFind(errors.BadRequest):
    """The query has no word."""

    code = "nothing_to_find"
    hint = 'Search for words, "phrases" or beginnings (photo*).'


@dataclass(frozen=True)
class Phrase:
    """Terms that follow one another. `is_prefix`: the last one may be the start of a longer word."""

    terms: tuple[str, ...]
    is_prefix: bool = False


@dataclass(frozen=True)
class Query:
    """A condition: of every group at least one phrase. The phrases of a group are the same words, stemmed by different languages."""

    groups: tuple[tuple[Phrase, ...], ...]


def parse(text: str, languages: Sequence[str], *, allows_typos: bool = False) -> Query:
    """Return the query for texts of these languages. `allows_typos`: words also find misspelt words of titles. Raises NothingToFind."""
    groups: list[tuple[Phrase, ...]] = []
    for match in _CHUNK.finditer(text):
        chunk = match[1] if match[1] is not None else match[2]
        group = tuple(_phrases(chunk.rstrip("*"), languages, is_prefix=match[1] is None and chunk.endswith("*"), allows_typos=allows_typos))
        if group and group not in groups:
            groups.append(group)
    if not groups:
        raise NothingToFind
    return Query(tuple(groups[:MAX_GROUPS]))


def _phrases(chunk: str, languages: Sequence[str], *, is_prefix: bool, allows_typos: bool) -> Iterable[Phrase]:
    words = list(analysis.tokens(chunk))
    if not words:
        return ()
    phrases = {_phrase(words, language, is_prefix=False) for language in languages or ("",)}
    if is_prefix:
        phrases.add(_phrase(words, "", is_prefix=True))
    if allows_typos and len(words) == 1 and not words[0].is_unspaced:
        phrases |= {Phrase((TYPO + variant,)) for variant in analysis.typo_variants(words[0].text)}
    return sorted(phrases, key=lambda phrase: (phrase.terms, phrase.is_prefix))


def _phrase(words: Sequence[analysis.Token], language: str, *, is_prefix: bool) -> Phrase:
    """Return the terms of the words. A single character of a script without spaces is the beginning of a pair."""
    terms: list[str] = []
    for word in words:
        if not word.is_unspaced:
            terms.append(analysis.stem(word.text, language))
            continue
        pairs = [analysis.fold(word.text[at : at + 2]) for at in range(len(word.text) - 1)]
        is_last = word is words[-1]
        terms += pairs if is_last and pairs else [*pairs, analysis.fold(word.text[-1:])]
        is_prefix = is_prefix or (is_last and not pairs)
    return Phrase(tuple(terms), is_prefix)
