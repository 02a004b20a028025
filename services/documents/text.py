"""Shorten text for documents, and detect language and direction from its script."""

from __future__ import annotations

import re
from collections import Counter
from functools import lru_cache

from fontTools.unicodedata import script, script_horizontal_direction

_LANGUAGE = re.compile(r"[a-z]{2,3}")
_LANGUAGES_BY_SCRIPT = {
    "Arab": ("ar", "fa", "ur", "ps", "ug", "sd", "ku"),
    "Hebr": ("he", "yi"),
    "Hira": ("ja",),
    "Kana": ("ja",),
    "Hang": ("ko",),
    "Hani": ("zh", "ja", "yue"),
    "Deva": ("hi", "mr", "ne", "sa"),
    "Cyrl": ("ru", "uk", "bg", "sr", "be", "mk", "kk", "mn", "ky", "tg"),
    "Grek": ("el",),
    "Thai": ("th",),
    "Beng": ("bn", "as"),
    "Taml": ("ta",),
    "Telu": ("te",),
    "Geor": ("ka",),
    "Armn": ("hy",),
}
_ASCII_LETTER = re.compile("[A-Za-z]")
_NO_SCRIPT = ("Zyyy", "Zinh", "Zzzz")


@lru_cache(maxsize=65536)
def script_of(character: str) -> str:
    """Return the ISO 15924 code; "Zyyy" for characters common to all scripts."""
    code: str = script(character)
    return code


def shorten(text: str, max_length: int) -> str:
    if len(text) <= max_length:
        return text
    cut = text[: max_length - 1]
    head, _, _ = cut.rpartition(" ")
    return (head if len(head) > max_length // 2 else cut).rstrip(" ,;:.-") + "\u2026"


def language_code(language: str) -> str:
    """Return the language code without a region; "en" if there is none."""
    match = _LANGUAGE.match(language.lower())
    return match.group() if match else "en"


def dominant_script(text: str) -> str:
    if text.isascii():
        return "Latn" if _ASCII_LETTER.search(text) else "Zyyy"
    counts = Counter(map(script_of, text[:4000]))
    for code in _NO_SCRIPT:
        counts.pop(code, None)
    if counts["Hira"] + counts["Kana"] > 0 and counts["Hani"] + counts["Hira"] + counts["Kana"] >= max(counts.values()):
        return "Hira"
    return counts.most_common(1)[0][0] if counts else "Zyyy"


def detect_language(text: str, expected_language: str) -> str:
    """Return the expected language if the text's script fits it, else the most common language of the script."""
    code = dominant_script(text)
    expected_language = language_code(expected_language)
    script_languages = _LANGUAGES_BY_SCRIPT.get(code)
    if script_languages:
        return expected_language if expected_language in script_languages else script_languages[0]
    not_latin = any(expected_language in languages for languages in _LANGUAGES_BY_SCRIPT.values())
    return "en" if code == "Latn" and not_latin else expected_language


def is_right_to_left(text: str) -> bool:
    code = dominant_script(text)
    return code != "Zyyy" and bool(script_horizontal_direction(code, "LTR") == "RTL")
