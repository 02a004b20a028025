"""The child process task that sets slides with Typst."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

import typst

import errors
from domain import OcrWord
from lib.process import Report
from lib.serialization import to_plain
from services.documents import fonts
from services.documents.pdf_words import words_of

_TEMPLATES = Path(__file__).parent / "templates"
_POINTS_PER_INCH = 72


def before_forks() -> None:
    """Read the fonts once for all children of this module; see lib/child.py."""
    fonts.installed_fonts()


def render(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Set the pages of one slide as PNG files.

    Payload: `template`, its `data` with `states`, `pictures` (name in the folder -> path), `target` with `{p}` for the page number,
    `scale` (pixels per design point), `reads_words`. Returns `overflows` (their number), `warnings`, and the `words` of the last page.
    """
    data = payload["data"]
    fonts.reload_if_changed()
    missing = fonts.missing_characters(set(payload["text"]))
    with tempfile.TemporaryDirectory(prefix="lectern-slide-") as name:
        folder = Path(name)
        shutil.copytree(_TEMPLATES, folder, dirs_exist_ok=True)
        for file, path in payload["pictures"].items():
            shutil.copyfile(path, folder / file)
        installed_families = {font.family for font in fonts.installed_fonts().fonts()}
        for key in ("body_fonts", "heading_fonts", "code_fonts"):
            data[key] = [family for family in data[key] if family in installed_families] or ["DejaVu Sans Mono"]
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        compiler = typst.Compiler(input=str(folder / payload["template"]), root=str(folder), font_paths=fonts.installed_fonts())
        try:
            compiler.compile(output=payload["target"], format="png", ppi=_POINTS_PER_INCH * payload["scale"])
            overflows = json.loads(compiler.query("<overflow>"))
            words = _words_of_last_page(compiler, payload["scale"]) if payload.get("reads_words") else []
        except typst.TypstError as error:
            raise errors.ProgramFailed(f"typst: {error.message} {' '.join(error.hints)}".strip()) from None
    warnings = [fonts.format_warning(script) for script in fonts.group_by_script(missing)]
    return {"overflows": len(overflows), "warnings": warnings, "words": [to_plain(word) for word in words]}


def _words_of_last_page(compiler: typst.Compiler, scale: float) -> list[OcrWord]:
    """Return the words with their boxes in pixels, from a PDF of the same pages."""
    import pypdfium2

    document = pypdfium2.PdfDocument(compiler.compile(format="pdf"))
    page = document[len(document) - 1]
    return list(words_of(page.get_textpage(), page.get_height(), scale))
