"""The child process task that compiles a PDF: replace characters without a font, then run Typst."""

from __future__ import annotations

import json
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import typst

import errors
from services.documents import fonts

PLACEHOLDER = "\u25a1"
MAX_MISSING_SHARE = 0.5


def before_forks() -> None:
    """Read the fonts once for all children of this module; see lib/child.py."""
    fonts.installed_fonts()


def compile_pdf(payload: dict[str, Any], report: Callable[[float, float], None]) -> dict[str, Any]:
    """Compile the PDF; return {"warnings": [...]}. Payload: folder, template, output, timestamp."""
    folder = Path(payload["folder"])
    fonts.reload_if_changed()
    written = (folder / "data.json").read_text(encoding="utf-8")
    data = json.loads(written)
    missing = fonts.missing_characters(set(written))
    warnings = [fonts.format_warning(script) for script in fonts.group_by_script(missing)]
    if missing:
        _reject_unreadable(data, missing, warnings)
        (folder / "data.json").write_text(json.dumps(_replace_missing(data, missing), ensure_ascii=False), encoding="utf-8")
    families = {language: fonts.font_families(language) for language in data["languages"]}
    (folder / "fonts.json").write_text(json.dumps(families), encoding="utf-8")
    compiler = typst.Compiler(input=str(folder / payload["template"]), root=str(folder), font_paths=fonts.installed_fonts())
    try:
        compiler.compile(output=payload["output"], format="pdf", timestamp=payload["timestamp"], pdf_standards=["ua-1"])
    except typst.TypstError as error:
        if "could not be displayed" not in error.message:
            raise errors.ProgramFailed(f"typst: {error.message} {' '.join(error.hints)}".strip()) from None
        compiler.compile(output=payload["output"], format="pdf", timestamp=payload["timestamp"])
        warnings.append("No font can show some combinations of characters; the PDF is tagged but does not conform to PDF/UA.")
    return {"warnings": warnings}


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
