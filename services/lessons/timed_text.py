"""Texts with times: subtitles, and transcripts and documents whose lines begin with the time at which they are said."""

from __future__ import annotations

import re
from collections.abc import Sequence

from lib.text import ends_sentence

_TIME = r"(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?(?!\d)"
_CUE = re.compile(rf"^\s*{_TIME}\s+-->\s+{_TIME}")
_CUE_TAG = re.compile(r"<[^<>\n]{0,80}>|\{\\[^{}\n]{0,40}\}")
_START = re.compile(rf"^(\s*(?:[-*•]\s+)?)[\[(]?{_TIME}(?:\s*[-–—]\s*{_TIME})?[\])]?(?:\s*[-–—:|])?\s+(?=\S)")
_TIMES_ONLY = re.compile(rf"^[^\w\n]*(?:[^\W\d_]{{2,14}}\s+){{0,3}}(?:\d{{1,4}}\W+)?(?:[\[(]?{_TIME}[\])]?[\s,;·–—-]*)+$")
_PROPERTY = re.compile(
    r"^(?:authors?|by|date|created|duration|length|language|slides|source|version|verfasser(?:in)?|autor(?:in)?|datum|dauer|sprache|folien|quelle"
    r"|auteur|durée|langue|diapositives|fecha|duración|idioma|diapositivas|fuente)(?::\s*|\s+)\S.{0,80}$",
    re.IGNORECASE,
)
_MIN_TIMES = 3
_MIN_PROPERTIES = 2
_HEAD_LINES = 14
_PARAGRAPH_CHARS = 500


def without_times(text: str) -> str:
    """Return a text without the times that stand before its lines, and without the list of properties at its beginning."""
    lines = text.split("\n")
    if sum(_CUE.match(line) is not None for line in lines) >= _MIN_TIMES:
        return _joined_cues(lines)
    lines = _without_properties(lines)
    if sum(_START.match(line) is not None or _TIMES_ONLY.match(line) is not None for line in lines) < _MIN_TIMES:
        return "\n".join(lines)
    return "\n".join(_START.sub(r"\1", line) for line in lines if not _TIMES_ONLY.match(line))


def _joined_cues(lines: Sequence[str]) -> str:
    """Return the text of subtitles in paragraphs that end with a sentence."""
    paragraphs = [""]
    is_text = False
    for line in lines:
        if _CUE.match(line):
            is_text = True
        elif not line.strip():
            is_text = False
        elif is_text:
            if len(paragraphs[-1]) >= _PARAGRAPH_CHARS and ends_sentence(paragraphs[-1]):
                paragraphs.append("")
            paragraphs[-1] = f"{paragraphs[-1]} {_CUE_TAG.sub('', line).strip()}".strip()
    return "\n\n".join(paragraphs)


def _without_properties(lines: Sequence[str]) -> list[str]:
    head = [number for number, line in enumerate(lines) if line.strip()][:_HEAD_LINES]
    properties = [number for number in head if _PROPERTY.match(lines[number].strip())]
    return [line for number, line in enumerate(lines) if len(properties) < _MIN_PROPERTIES or number not in properties]
