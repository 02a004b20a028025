"""Escapes for Markdown: only where CommonMark, GitHub's or pandoc's dialect would read a sign as markup."""

from __future__ import annotations

import re

_ALWAYS = re.compile(r"[\\`\[]")
_HTML = re.compile(r"<(?=[A-Za-z/!?])")
_ENTITY = re.compile(r"&(?=#?\w+;)")
_CITATION = re.compile(r"(?<![^\W_])@(?=[\w{])")
_EMPHASIS = re.compile(r"(?<!\s)[*~]|[*~](?!\s)")  # not one that stands alone, as in `a * b`
_UNDERSCORE = re.compile(r"(?<![^\W_])(?<!\s)_|_(?![^\W_])(?!\s)|(?<=\s)_(?=[^\W_])|(?<=[^\W_])_(?=\s)")  # not one inside a word
_PAIRED_SIGN = re.compile(r"[$^]")
_NUMBER = re.compile(r"^(\(?(?:\d{1,9}|[A-Za-z]|[ivxlcdmIVXLCDM]{1,8}))([.)])(?=\s|$)")
_BLOCK_START = re.compile(r"^(?:[-+*](?=\s|$)|[-*_=]{3,}\s*$|[#>|]|:|%|\(@|(?:-\s){2,}-)")
_HEADING_END = re.compile(r"#+$")


def escape(text: str) -> str:
    """Escape a text inside a line."""
    text = _ALWAYS.sub(_escape_match, text)
    text = _HTML.sub(_escape_match, text)
    text = _ENTITY.sub(_escape_match, text)
    text = _CITATION.sub(_escape_match, text)
    text = _EMPHASIS.sub(_escape_match, text)
    text = _UNDERSCORE.sub(_escape_match, text)
    return _PAIRED_SIGN.sub(lambda match: _escape_match(match) if text.count(match[0]) > 1 else match[0], text)


def escape_block(text: str) -> str:
    """Escape a text at the start of a paragraph or of an item."""
    escaped_text = _NUMBER.sub(r"\1\\\2", escape(text))
    return f"\\{escaped_text}" if _BLOCK_START.match(escaped_text) else escaped_text


def escape_heading(text: str) -> str:
    """Escape a text that is a heading: signs at its end would close it, braces would be attributes."""
    return _HEADING_END.sub(_escape_match, escape(text).replace("{", "\\{"))


def escape_link_text(text: str) -> str:
    """Escape a text between brackets."""
    return escape(text).replace("]", "\\]")


def link_target(url: str) -> str:
    """Return an address as the target of a link, between angle brackets if it has signs that end it."""
    url = _ENTITY.sub(_escape_match, url.replace("\\", "%5C").replace("<", "%3C").replace(">", "%3E"))
    return f"<{url}>" if re.search(r"[\s()*_`\[\]]", url) else url


def _escape_match(match: re.Match[str]) -> str:
    return f"\\{match[0]}"
