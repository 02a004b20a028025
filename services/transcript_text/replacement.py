"""Replacement of a text in all segments of a transcript."""

from __future__ import annotations

import re


def pattern_of(find: str, *, match_case: bool, whole_words: bool) -> re.Pattern[str]:
    """Return a pattern that finds the text; any run of white space matches any other one."""
    parts = [re.escape(part) for part in find.split()]
    expression = r"\s+".join(parts)
    if whole_words:
        expression = rf"(?<!\w){expression}(?!\w)"
    return re.compile(expression, 0 if match_case else re.IGNORECASE)
