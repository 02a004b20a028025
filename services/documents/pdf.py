"""PDF through Typst: the outline is written as JSON next to the template, which is then compiled."""

from __future__ import annotations

import dataclasses
import shutil
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

from domain import LectureNotes
from lib.process import CancellationCheck
from services.documents import pdf_layout
from services.documents.back_matter import find_entries
from services.documents.outline import Outline, build_outline
from services.documents.pdf_compiler import compile_pdf
from services.documents.pictures import link_pictures, picture_size
from services.documents.port import DocumentFormat, RenderOptions

TEMPLATES = Path(__file__).parent / "templates" / "pdf"


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    outline = build_outline(notes, images, options)
    if options.layout == "handout" and not any(page.image for page in outline.pages):
        options = dataclasses.replace(options, layout="text")
    entries = find_entries(notes, outline) if options.layout != "handout" else ()
    data = pdf_layout.build_template_data(outline, options, entries)
    return (*outline.warnings, *compile_template("notes.typ", outline, data, target, notes.created_on, check))


def compile_template(
    template: str, outline: Outline, data: Mapping[str, Any], target: Path, created_on: str, check: CancellationCheck
) -> tuple[str, ...]:
    """Compile a template with its data and the pictures of the outline; return warnings."""
    check()
    with tempfile.TemporaryDirectory(prefix="lectern-pdf-") as name:
        write_inputs(outline, Path(name))
        return compile_pdf(Path(name), template, data, target.absolute(), creation_time(created_on))


def creation_time(created_on: str) -> int:
    """Return the Unix time of the day's start in UTC; 0 for an invalid date, because the current time would change the bytes."""
    try:
        return int(datetime.fromisoformat(created_on).replace(tzinfo=UTC).timestamp())
    except ValueError:
        return 0


def write_inputs(outline: Outline, folder: Path) -> None:
    """Write the templates and the pictures into a folder."""
    shutil.copytree(TEMPLATES, folder, dirs_exist_ok=True)
    link_pictures(outline, folder)
    drawings = folder / "drawings"
    drawings.mkdir()
    for page in outline.pages:
        if page.image and page.slide:
            drawing = drawings / f"{page.image.name}.svg"
            vectors = page.image.with_suffix(".svg")  # of a page of a deck
            if vectors.exists():
                drawing.symlink_to(vectors.absolute())
            else:
                drawing.write_text(_wrap_in_svg(page.image.name, *picture_size(page.slide, page.image)))


def _wrap_in_svg(name: str, width: int, height: int) -> str:
    """Wrap a picture in an SVG: Typst then embeds the file without decoding it, with a fifth of the memory."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}">'
        f'<image width="{width}" height="{height}" preserveAspectRatio="none" href={quoteattr(f"../images/{name}")}/></svg>'
    )


FORMAT = DocumentFormat(
    "pdf",
    "pdf",
    "application/pdf",
    render,
    "PDF",
    "Slides with their speech, glossary and index; searchable pictures; tagged (PDF/UA-1).",
    weight=3,
    version=2,
)
