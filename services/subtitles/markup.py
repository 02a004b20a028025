"""Remove markup from cue text: the tags of WebVTT, and the five tags of SubRip."""

from __future__ import annotations

import html
import re
import unicodedata

from services.subtitles.cue import Line
from services.subtitles.timestamps import seconds

_ZERO_WIDTH = {"\ufeff", "\u200b", "\u2060"}
_VTT_TAG = re.compile(r"<(?P<time>\d[\d:.]{0,20})>|</?[a-zA-Z][^<>]{0,300}>|</?>")
# Players show every other <...> of a SubRip file as text, for example `List<String>`.
_SRT_TAG = re.compile(r"</?(?:b|i|u|s|font)(?:[ \t][^<>]{0,300})?>", re.IGNORECASE)
# Override codes of SubStation Alpha that programs leave in SubRip files, for example {\an8}; LaTeX such as {\alpha} is text.
_ASS_CODE = (
    r"\\(?:an?\d{1,2}|pos\([^)]{0,40}\)|move\([^)]{0,60}\)|org\([^)]{0,40}\)|fade?\([^)]{0,60}\)|[bius]\d{1,3}|q\d|r\w{0,40}"
    r"|\d?[ca]&H[0-9a-fA-F]{1,8}&|fs\d{1,3}|fn[^\\{}]{1,60}|bord[\d.]{1,5}|shad[\d.]{1,5}|k[fo]?\d{1,5})"
)
_ASS_OVERRIDE = re.compile(rf"\{{(?:{_ASS_CODE}){{1,20}}\}}")
_SRT_ENTITY = re.compile(r"&(?:amp|lt|gt|quot|apos|nbsp|#\d{1,7}|#[xX][0-9a-fA-F]{1,6});")


def webvtt_line(line: str) -> Line:
    """Remove tags, read character references and keep the times inside the text (WebVTT 1, section 6.4)."""
    text, marks, position = "", list[tuple[int, float]](), 0
    for tag in _VTT_TAG.finditer(line):
        text += _clean(html.unescape(line[position : tag.start()]))
        position = tag.end()
        if tag["time"] and re.fullmatch(r"(?:\d{2,}:)?\d{2}:\d{2}\.\d{3}", tag["time"]):
            marks.append((len(text), seconds(tag["time"])))
    text += _clean(html.unescape(line[position:]))
    return _with_single_spaces(text, marks)


def subrip_line(line: str) -> Line:
    """Remove SubRip's five tags and SubStation Alpha's override codes; read the character references that have a semicolon."""
    without_tags = _ASS_OVERRIDE.sub("", _SRT_TAG.sub("", line))
    return _with_single_spaces(_clean(_SRT_ENTITY.sub(lambda match: html.unescape(match[0]), without_tags)), [])


def _clean(text: str) -> str:
    """Drop control characters, private characters and zero-width spaces; joiners stay, as words need them."""
    characters = (
        char for char in text if char not in _ZERO_WIDTH and (char.isspace() or unicodedata.category(char) not in ("Cc", "Cs", "Co"))
    )
    return "".join(characters)


def _with_single_spaces(text: str, marks: list[tuple[int, float]]) -> Line:
    """Join the words of a line by single spaces; marks move with the word that they precede."""
    new_marks = [(len(" ".join(text[:offset].split())), time_s) for offset, time_s in marks]
    return Line(" ".join(text.split()), tuple(new_marks))
