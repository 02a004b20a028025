"""Compiles a PDF: replaces characters without a font, then runs Typst. It runs in the child that renders the document."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import errors
from services.documents import fonts

PLACEHOLDER = "\u25a1"
MAX_MISSING_SHARE = 0.5


def compile_pdf(folder: Path, template: str, data: Mapping[str, Any], output: Path, timestamp: int) -> tuple[str, ...]:
    """Write the data and its fonts next to the template, compile it, and return warnings. `timestamp`: Unix time of the document."""
    import typst  # a large module, which only children need

    fonts.reload_if_changed()
    text = json.dumps(data, ensure_ascii=False)
    missing = fonts.missing_characters(set(text))
    warnings = [fonts.format_warning(script) for script in fonts.group_by_script(missing)]
    if missing:
        _reject_unreadable(data, missing, warnings)
        text = json.dumps(_replace_missing(data, missing), ensure_ascii=False)
    (folder / "data.json").write_text(text, encoding="utf-8")
    families = {language: fonts.font_families(language) for language in data["languages"]}
    (folder / "fonts.json").write_text(json.dumps(families), encoding="utf-8")
    compiler = typst.Compiler(input=str(folder / template), root=str(folder), font_paths=fonts.installed_fonts())
    try:
        compiler.compile(output=str(output), format="pdf", timestamp=timestamp, pdf_standards=["ua-1"])
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise errors.ProgramFailed(f"typst: {error.message} {' '.join(error.hints)}".strip()) from None
        compiler.compile(output=str(output), format="pdf", timestamp=timestamp)
        warnings.append("No font can show some combinations of characters; the PDF is tagged but does not conform to PDF/UA.")
    return tuple(warnings)


def _reject_unreadable(data: Any, missing: set[str], warnings: list[str]) -> None:
    """Raise FontMissing if more than half of the letters have no font."""
    letters = Counter(character for text in _strings(data) for character in text if character.isalpha())
    missing_count = sum(letters[character] for character in missing)
    if missing_count > MAX_MISSING_SHARE * letters.total():
        raise errors.FontMissing(" ".join(warnings), hint="Ask the operator to install the named packages, then retry.")


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from _strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from _strings(item)


def _replace_missing(value: Any, missing: set[str]) -> Any:
    """Replace each missing character by a placeholder and drop combining marks after it, which no font can combine."""
    if isinstance(value, str):
        return "".join(_replace_in_text(value, missing))
    if isinstance(value, dict):
        return {key: _replace_missing(item, missing) for key, item in value.items()}
    if isinstance(value, list):
        return [_replace_missing(item, missing) for item in value]
    return value


def _replace_in_text(text: str, missing: set[str]) -> Iterator[str]:
    follows_placeholder = False
    for character in text:
        if character in missing:
            follows_placeholder = True
            yield PLACEHOLDER
        elif not (follows_placeholder and unicodedata.category(character)[0] == "M"):
            follows_placeholder = False
            yield character
