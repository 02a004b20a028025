"""Reads the JSON object in an answer of a language model: in a fence, between sentences, or cut off at the limit of tokens."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

_FENCE = re.compile(r"```[\w-]*\s*\n?(.*?)(?:```|\Z)", re.DOTALL)
_TRAILING_COMMA = re.compile(r",(\s*[}\]])")
_INVALID_ESCAPE = re.compile(r'\\(?!["\\/bfnrtu])')
_MAX_CUTS = 400


@dataclass(frozen=True)
class JsonObject:
    """The object in an answer. `is_cut`: it was cut off and ends after its last complete value."""

    fields: dict[str, Any]
    is_cut: bool = False


def read_object(text: str) -> JsonObject | None:
    """Return the JSON object in a text, or None."""
    for candidate in _candidates(text):
        for variant in (candidate, _TRAILING_COMMA.sub(r"\1", candidate), _INVALID_ESCAPE.sub(r"\\\\", candidate)):
            value = _decode(variant)
            if value is not None:
                return JsonObject(value)
    for candidate in _candidates(text):
        value = _close(candidate)
        if value is not None:
            return JsonObject(value, is_cut=True)
    return None


def _candidates(text: str) -> list[str]:
    """Return the parts of a text that may be the object, the most probable first."""
    fenced_texts = [match[1] for match in _FENCE.finditer(text)]
    return [part[part.index("{") :] for part in (*sorted(fenced_texts, key=len, reverse=True), text) if "{" in part]


def _decode(text: str) -> dict[str, Any] | None:
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _close(text: str) -> dict[str, Any] | None:
    """Close the brackets of a text that ends too early, after its last complete value."""
    for end in _ends_of_values(text)[-1:-_MAX_CUTS:-1]:
        brackets = _open_brackets(text[:end])
        value = _decode(_TRAILING_COMMA.sub(r"\1", text[:end].rstrip().rstrip(",") + brackets))
        if value is not None:
            return value
    return None


def _ends_of_values(text: str) -> list[int]:
    """Return the positions after closing brackets, which are outside of strings."""
    ends: list[int] = []
    in_string = is_escaped = False
    for position, character in enumerate(text):
        if is_escaped:
            is_escaped = False
        elif character == "\\":
            is_escaped = in_string
        elif character == '"':
            in_string = not in_string
        elif not in_string and character in "}]":
            ends.append(position + 1)
    return ends


def _open_brackets(text: str) -> str:
    """Return the brackets that close those that are still open at the end of a text."""
    stack: list[str] = []
    in_string = is_escaped = False
    for character in text:
        if is_escaped:
            is_escaped = False
        elif character == "\\":
            is_escaped = in_string
        elif character == '"':
            in_string = not in_string
        elif in_string:
            continue
        elif character in "{[":
            stack.append("}" if character == "{" else "]")
        elif character in "}]" and stack:
            stack.pop()
    return "".join(reversed(stack))
