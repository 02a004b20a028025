"""Properties of text that need no dictionary: display width, ends of sentences and clauses, clean lines."""

from __future__ import annotations

import re
import unicodedata

_FORBIDDEN_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
_SPACES = re.compile(r"[\s\u2028\u2029]+")
_SENTENCE_ENDS = tuple(".!?…。！？؟۔।॥։።")
_CLAUSE_ENDS = tuple(",;:،؛，、；：")
_CLOSING = "\"'’”»)]}」』）】\u200e\u200f"  # the last two are marks of direction, which show nothing


def clean_text(text: str) -> str:
    """Return one line of text without control characters, lone surrogates and direction overrides."""
    return _SPACES.sub(" ", _FORBIDDEN_CHARACTERS.sub("", text)).strip()


def clean_lines(text: str) -> str:
    """Do the same for each line of a text. Empty lines at its start and end are left out."""
    return "\n".join(clean_text(line) for line in text.splitlines()).strip()


def clean_inline(text: str) -> str:
    """Do the same for part of a line: a space at its start or end stays."""
    return _SPACES.sub(" ", _FORBIDDEN_CHARACTERS.sub("", text))


def ends_sentence(text: str) -> bool:
    return not text[-1:].isalnum() and text.rstrip().rstrip(_CLOSING).endswith(_SENTENCE_ENDS)


def ends_clause(text: str) -> bool:
    return text.rstrip().rstrip(_CLOSING).endswith(_CLAUSE_ENDS)


def is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def display_width(text: str) -> int:
    """Return the width in columns: East Asian wide characters count 2, combining marks 0."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if is_wide(c) else 1 for c in text)
