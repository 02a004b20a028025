"""Find characters that no installed font has, because Typst does not report them, and choose font families."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from fontTools.ttLib import TTFont, TTLibError
from fontTools.unicodedata import script_name

from domain import LectureNotes
from services.documents.text import dominant_script, language_code, script_of

if TYPE_CHECKING:
    import typst

CJK_PACKAGE = "fonts-noto-cjk"
EMOJI_PACKAGE = "fonts-noto-color-emoji"
CORE_PACKAGE = "fonts-noto-core"
RARE_PACKAGES = "fonts-noto-extra or fonts-unifont"
_CORE_PACKAGE_FAMILY = "Noto Sans Devanagari"  # installed with CORE_PACKAGE

# Code points in the fonts of the typst wheel (Libertinus Serif, New Computer Modern), rounded down to whole ranges.
_EMBEDDED_RANGES = (
    (0x20, 0x7E), (0xA0, 0x377), (0x384, 0x38A), (0x38E, 0x3A1), (0x3A3, 0x4FF), (0x1D00, 0x1DBF), (0x1E00, 0x1F15), (0x1F80, 0x1FB4),
    (0x2000, 0x2027), (0x202F, 0x2064), (0x2074, 0x208E), (0x20A0, 0x20C0), (0x2100, 0x2151), (0x2153, 0x2184), (0x2190, 0x23FF),
    (0x2500, 0x25FF), (0x27F0, 0x27FF), (0x2900, 0x2AFF), (0x1D400, 0x1D454), (0x1D456, 0x1D49C), (0x1D6A8, 0x1D7CB), (0x1D7CE, 0x1D7FF),
)  # fmt: skip
_BODY_FAMILY = "Libertinus Serif"
_FAMILY_BY_LANGUAGE = {
    "ar": "Noto Naskh Arabic",
    "he": "Noto Serif Hebrew",
    "hi": "Noto Serif Devanagari",
    "ja": "Noto Serif CJK JP",
    "ko": "Noto Serif CJK KR",
    "th": "Noto Serif Thai",
    "zh": "Noto Serif CJK SC",
}
_LANGUAGE_WITH_SAME_FONT = {"fa": "ar", "ur": "ar", "ps": "ar", "yi": "he", "mr": "hi", "ne": "hi", "sa": "hi", "yue": "zh"}
_FALLBACK_FAMILIES = ("Noto Serif", "Noto Sans Math", "Noto Sans Symbols", "Noto Sans Symbols2", "Noto Color Emoji")
_CJK_SCRIPTS = ("Hani", "Hira", "Kana", "Hang", "Bopo")
_CJK_NAME_PREFIXES = ("cjk", "ideographic", "fullwidth", "halfwidth")  # of the Unicode names of symbols
_FONT_ROOTS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")  # those of Typst
_MAX_SAMPLE = 12  # characters


@dataclass(frozen=True)
class MissingScript:
    """A script that no installed font supports: English name, characters concerned, Debian package with a font."""

    name: str
    characters: str
    package: str


def unsupported_scripts(notes: LectureNotes) -> tuple[MissingScript, ...]:
    """Return the scripts in the notes' titles, speech and OCR text that no installed font supports."""
    return group_by_script(missing_characters(set().union(*_document_texts(notes))))


def group_by_script(missing: Collection[str]) -> tuple[MissingScript, ...]:
    """Return the scripts of these characters, each with its characters in order."""
    groups: dict[tuple[str, str], list[str]] = {}
    for character in sorted(missing):
        groups.setdefault(_script_and_package(character), []).append(character)
    return tuple(MissingScript(name, "".join(characters), package) for (name, package), characters in groups.items())


def format_warning(missing: MissingScript) -> str:
    """Return a sentence with the script, some of its characters and the package to install."""
    sample = " ".join(missing.characters[:_MAX_SAMPLE]) + (" \u2026" if len(missing.characters) > _MAX_SAMPLE else "")
    return f"No installed font supports {missing.name} ({sample}). Install {missing.package}."


def missing_characters(characters: Collection[str]) -> set[str]:
    """Return the characters that no embedded or installed font has. Opens fonts, preferred ones first, until none is missing."""
    missing = {character for character in characters if not _is_embedded(ord(character)) and not _is_ignorable(character)}
    for path, index in _font_files() if missing else ():
        code_points = _covered_code_points(path, index)
        missing = {character for character in missing if ord(character) not in code_points}
        if not missing:
            break
    return missing


def font_families(language: str) -> list[str | dict[str, str]]:
    """Return Typst's font list for text in a language. Typst takes each character from the first family that has it.

    The body font comes first, except in Arabic and Hebrew, whose punctuation needs the font of the script. In Chinese, Japanese and
    Korean the body font provides Latin characters only, for the same reason.
    """
    installed_families = {font.family for font in installed_fonts().fonts()}
    code = language_code(language)
    code = _LANGUAGE_WITH_SAME_FONT.get(code, code)
    script_family = _FAMILY_BY_LANGUAGE.get(code)
    families: list[str | dict[str, str]] = [_BODY_FAMILY]
    if script_family in installed_families and code in ("ja", "ko", "zh"):
        families = [{"name": _BODY_FAMILY, "covers": "latin-in-cjk"}]
    if script_family and code in ("ar", "he"):
        families.insert(0, script_family)
    elif script_family:
        families.append(script_family)
    families += [family for key, family in _FAMILY_BY_LANGUAGE.items() if key != code]
    families += _FALLBACK_FAMILIES
    return [family for family in families if isinstance(family, dict) or family in installed_families]


@cache
def installed_fonts() -> typst.Fonts:
    """Return the embedded and the system's fonts. Reading them takes 0.08 s of CPU, so tasks do it in `before_forks`."""
    import typst  # a large module

    _font_folder_times()
    return typst.Fonts()


def reload_if_changed() -> None:
    """Forget fonts that were read before one of their folders changed: a long-lived process forked this one."""
    if _change_times() != _font_folder_times():
        for cached_function in (installed_fonts, _font_folder_times, _font_files):
            cached_function.cache_clear()


@cache
def _font_folder_times() -> dict[str, int]:
    return _change_times()


def _change_times() -> dict[str, int]:
    """Return when each folder with fonts of the system or the user changed, in nanoseconds."""
    folders = (Path(folder) for root in _FONT_ROOTS for folder, _, _ in os.walk(os.path.expanduser(root)))  # noqa: PTH111 - never fails
    return {str(folder): folder.stat().st_mtime_ns for folder in folders}


def _document_texts(notes: LectureNotes) -> Iterator[str]:
    yield notes.title
    yield notes.source_name
    for paragraph in notes.unplaced:
        yield paragraph.text
    for slide in notes.slides:
        yield slide.title
        yield from (word.text for word in slide.ocr)
        for visit in slide.visits:
            yield from (paragraph.text for paragraph in visit.paragraphs)


def _is_embedded(code_point: int) -> bool:
    return any(first <= code_point <= last for first, last in _EMBEDDED_RANGES)


def _is_ignorable(character: str) -> bool:
    """Format characters, variation selectors, spaces and control characters need no glyph."""
    code_point = ord(character)
    selector = 0xFE00 <= code_point <= 0xFE0F or 0xE0100 <= code_point <= 0xE01EF
    return selector or unicodedata.category(character) in ("Cf", "Cc", "Cs", "Zs", "Zl", "Zp")


@cache
def _font_files() -> tuple[tuple[str, int], ...]:
    """Return (path, index in collection) of one face per family, regular if available; preferred families come first."""
    preferred_families = [*_FALLBACK_FAMILIES, *_FAMILY_BY_LANGUAGE.values()]
    faces: dict[str, tuple[int, str, int]] = {}
    for font in installed_fonts().fonts():
        if font.path:
            face = (abs(font.weight - 400) + (0 if font.style == "normal" else 1000), font.path, font.index)
            faces[font.family] = min(face, faces.get(font.family, face))
    families = sorted(
        faces, key=lambda family: (preferred_families.index(family) if family in preferred_families else len(preferred_families), family)
    )
    return tuple(faces[family][1:] for family in families)


@lru_cache(maxsize=512)
def _covered_code_points(path: str, index: int) -> frozenset[int]:
    try:
        with TTFont(path, fontNumber=index, lazy=True) as font:
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError, KeyError):
        return frozenset()


_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf]")


def _script_and_package(character: str) -> tuple[str, str]:
    """Return (name of the character's script, Debian package with a font)."""
    if _EMOJI.match(character):
        return "emoji", EMOJI_PACKAGE
    code = script_of(character)
    if code in _CJK_SCRIPTS:
        return {"Hang": "Korean", "Hira": "Japanese", "Kana": "Japanese"}.get(code, "Chinese characters"), CJK_PACKAGE
    if dominant_script(character) in ("Zyyy", "Zinh", "Zzzz"):
        name_prefix = unicodedata.name(character, "unassigned").split()[0].lower()
        return "symbols", CJK_PACKAGE if name_prefix in _CJK_NAME_PREFIXES else CORE_PACKAGE
    is_core_installed = any(font.family == _CORE_PACKAGE_FAMILY for font in installed_fonts().fonts())
    return str(script_name(code)).replace("_", " "), RARE_PACKAGES if is_core_installed else CORE_PACKAGE
