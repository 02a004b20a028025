"""Properties of text that need no dictionary: display width, ends of sentences and clauses, clean lines."""

from __future__ import annotations

import re
import unicodedata

_FORBIDDEN_CHARACTERS = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u202a-\u202e\u2066-\u2069]")
# Patterns of JSON schemas: a text that is not empty after `clean_text`, after `str.strip`.
VISIBLE = r"[^\x00-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028-\u202f\u205f\u2066-\u2069\u3000\ufdd0-\ufdef\ufffe\uffff]"
NOT_BLANK = r"[^\x09-\x0d\x1c-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]"
_SPACES = re.compile(r"[\s\u2028\u2029]+")
SPACED_SENTENCE_ENDS = ".!?…؟۔।॥։።"  # a space follows them
UNSPACED_SENTENCE_ENDS = "。！？｡"
_SENTENCE_ENDS = tuple(SPACED_SENTENCE_ENDS + UNSPACED_SENTENCE_ENDS)
_CLAUSE_ENDS = tuple(",;:،؛，、；：")
_CLOSING = "\"'’”»›)]}」』）】\u200e\u200f"  # the last two are marks of direction, which show nothing

# Scripts that are written without spaces between words, as ranges for a character class of a regular expression.
SOUTHEAST_ASIAN = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
HAN_AND_KANA = "\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\U00020000-\U0003ffff"
UNSPACED = SOUTHEAST_ASIAN + HAN_AND_KANA
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")


def clean_text(text: str) -> str:
    """Return one line of text without control characters, lone surrogates and direction overrides."""
    if text.isascii() and text.isprintable() and "  " not in text:  # most texts, in a fifth of the time
        return text.strip()
    return _SPACES.sub(" ", _FORBIDDEN_CHARACTERS.sub("", text)).strip()


def clean_lines(text: str) -> str:
    """Do the same for each line of a text. Empty lines at its start and end are left out."""
    return "\n".join(clean_text(line) for line in text.splitlines()).strip()


def clean_inline(text: str) -> str:
    """Do the same for part of a line: a space at its start or end stays."""
    return _SPACES.sub(" ", _FORBIDDEN_CHARACTERS.sub("", text))


def strip_closing_marks(text: str) -> str:
    """Return the text without spaces around it, and without quotation marks and brackets that close at its end."""
    return text.strip().rstrip(_CLOSING)


def ends_sentence(text: str) -> bool:
    return not text[-1:].isalnum() and strip_closing_marks(text).endswith(_SENTENCE_ENDS)


def ends_clause(text: str) -> bool:
    return strip_closing_marks(text).endswith(_CLAUSE_ENDS)


def is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def display_width(text: str) -> int:
    """Return the width in columns: East Asian wide characters count 2, combining marks 0."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.category(c) in ("Mn", "Me", "Cf") else 2 if is_wide(c) else 1 for c in text)
