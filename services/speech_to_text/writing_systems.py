"""Checks that a text is written in a script of its language."""

from __future__ import annotations

import unicodedata

_SCRIPTS = """
CYRILLIC: be bg ba kk mk mn ru sr tg tt uk|GREEK: el|ARABIC: ar fa ps sd ur|HEBREW: he yi|DEVANAGARI: hi mr ne sa|BENGALI: as bn|
TAMIL: ta|TELUGU: te|KANNADA: kn|MALAYALAM: ml|GUJARATI: gu|GURMUKHI: pa|SINHALA: si|THAI: th|LAO: lo|MYANMAR: my|KHMER: km|
TIBETAN: bo|GEORGIAN: ka|ARMENIAN: hy|ETHIOPIC: am|HANGUL: ko|HIRAGANA: ja|KATAKANA: ja|KATAKANA-HIRAGANA: ja|CJK: ja ko zh
"""
_BY_LANGUAGE: dict[str, set[str]] = {}
for _entry in _SCRIPTS.replace("\n", "").split("|"):
    _script, _languages = _entry.split(": ")
    for _language in _languages.split():
        _BY_LANGUAGE.setdefault(_language, set()).add(_script)
_ALL = {script for scripts in _BY_LANGUAGE.values() for script in scripts}
_MIN_LETTERS = 3


def has_wrong_script(text: str, language: str) -> bool:
    """Return whether most letters belong to a script that `language` never uses. Latin letters are common in every language."""
    unexpected_letters = letters = 0
    expected_scripts = _BY_LANGUAGE.get(language, set())
    for sign in text:
        if sign.isalpha():
            letters += 1
            script = unicodedata.name(sign, "").partition(" ")[0]
            unexpected_letters += script in _ALL and script not in expected_scripts
    return letters >= _MIN_LETTERS and 2 * unexpected_letters > letters
