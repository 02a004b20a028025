"""Compares a text with the words that it was made from: corrections, and the share of words that were lost or added."""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterator, Sequence

from services.proofreading.port import Correction, Token

_WORD = re.compile(r"\S+")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u9fff\uf900-\ufaff]")


def split_text(text: str, like: Sequence[Token]) -> list[str]:
    """Divide a text into words; in scripts without spaces, into the words that it had and single characters."""
    if not any(_UNSPACED.search(token.text) for token in like):
        return _WORD.findall(text)
    known = sorted({token.bare for token in like if token.bare}, key=len, reverse=True)
    pattern = "|".join([*map(re.escape, known), r"[^\W_\u0e00-\u9fff]+", r"\S"])
    return re.findall(pattern, text)


def changed_shares(tokens: Sequence[Token], words: Sequence[str]) -> tuple[float, float]:
    """Return the share of words that have disappeared, and that of words that were not there. Case and marks do not count."""
    old, new = [_bare(token.text) for token in tokens], [_bare(word) for word in words]
    old, new = [word for word in old if word], [word for word in new if word]
    same = sum(block.size for block in difflib.SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks())
    return (1 - same / len(old) if old else 0.0), (1 - same / len(new) if new else float(bool(old)))


def corrections_of(tokens: Sequence[Token], words: Sequence[str], first_number: int, source: str) -> Iterator[Correction]:
    """Yield the corrections that turn the tokens into these words. Changes across the ends of segments are left out."""
    old = [token.bare for token in tokens]
    spaced = any(token.text[:1].isspace() for token in tokens[1:])
    for action, i1, i2, j1, j2 in difflib.SequenceMatcher(None, old, words, autojunk=False).get_opcodes():
        if action == "equal":
            continue
        if i2 - i1 == j2 - j1:
            for offset in range(i2 - i1):
                yield _correction(tokens, first_number, i1 + offset, i1 + offset + 1, [words[j1 + offset]], source, spaced=spaced)
            continue
        first, last, text = i1, i2, list(words[j1:j2])
        if first == last:  # an insertion belongs to the word before it, at the start to the first word
            first, last, text = (0, 1, [*text, old[0]]) if first == 0 else (first - 1, last, [old[first - 1], *text])
        if tokens[first].segment == tokens[last - 1].segment:
            yield _correction(tokens, first_number, first, last, text, source, spaced=spaced)


def _correction(
    tokens: Sequence[Token], first_number: int, first: int, last: int, words: Sequence[str], source: str, *, spaced: bool
) -> Correction:
    before = "".join(token.text for token in tokens[first:last]).strip()
    after = (" " if spaced else "").join(words)
    return Correction(first_number + first, first_number + last - 1, before, after, _reason(before, after), source)


def _reason(before: str, after: str) -> str:
    if not after:
        return "deletion"
    if _letters(before) == _letters(after):
        return "punctuation"
    if _letters(before).casefold() == _letters(after).casefold():
        return "capital"
    ratio = difflib.SequenceMatcher(None, before.casefold(), after.casefold()).ratio()
    return "spelling" if ratio >= 0.6 else "wording"


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _bare(word: str) -> str:
    return _letters(unicodedata.normalize("NFKC", word)).casefold()
