"""Places at which a line of text may break.

Sources: Unicode Standard Annex 14 (line breaking), "Requirements for Japanese Text Layout" (W3C, characters that may not begin or
end a line) and GB/T 15834 (Chinese punctuation).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from lib.text import SOUTHEAST_ASIAN, is_wide

_NO_LINE_START = frozenset(
    ",.!?;:%)]}»›…、。，．・：；？！‼⁇⁈⁉゛゜ヽヾゝゞ々〻ー～〜〕〉》」』】〙〗〟）］｝｠％‰℃"
    "ぁぃぅぇぉっゃゅょゎゕゖァィゥェォッャュョヮヵヶㇰㇱㇲㇳㇴㇵㇶㇷㇸㇹㇺㇻㇼㇽㇾㇿ，؛؟।॥"
)
_NO_LINE_END = frozenset("([{«‹¿¡〔〈《「『【〘〖〝（［｛｟“‘＄￥＃$£¥€#")
_INSEPARABLE = frozenset("…‥—―")  # two of these belong together
_THAI_LEADING_VOWELS = "เแโใไ"
_THAI_FOLLOWING_VOWELS = "ะาำๅๆฯ"
_SOUTHEAST_ASIAN = re.compile(f"[{SOUTHEAST_ASIAN}]")
_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\ua960-\ua97f\uac00-\ud7ff]")
_JOINERS = "\u200d\u2060\ufeff"


def may_break(before: str, after: str) -> bool:
    """Return whether a line may end with `before` and the next one begin with `after`; spaces between them are part of `after`."""
    text_after = after.lstrip()
    last, first = before[-1:], text_after[:1]
    if not before or not text_after:
        return False
    has_space = text_after != after
    if first in _NO_LINE_START and (not has_space or is_wide(first) or not text_after[1:2].isalnum()):
        return False
    if last in _NO_LINE_END and (not has_space or is_wide(last) or not before[-2:-1].isalnum()):
        return False
    if has_space:
        return True
    if unicodedata.category(first)[0] == "M" or unicodedata.category(first) == "Cf" or last in _JOINERS:
        return False
    if first == last and first in _INSEPARABLE:
        return False
    if first in _THAI_FOLLOWING_VOWELS or last in _THAI_LEADING_VOWELS:
        return False
    return _breaks_without_space(last) or _breaks_without_space(first)


def breakable_parts(text: str) -> Iterator[str]:
    """Yield the parts of `text` between the places at which it may break; a space belongs to the part after it."""
    start = 0
    for position in range(1, len(text)):
        if text[position - 1] != " " and may_break(text[max(start, position - 2) : position], text[position : position + 3]):
            yield text[start:position]
            start = position
    yield text[start:]


def _breaks_without_space(character: str) -> bool:
    return (is_wide(character) and not _HANGUL.match(character)) or bool(_SOUTHEAST_ASIAN.match(character))
