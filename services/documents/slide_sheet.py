"""All slides on one sheet (PDF), each with its number, its time and one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from domain import LectureNotes
from lib.process import CancellationCheck
from services.documents import pdf, pdf_layout
from services.documents.key_sentences import key_sentence
from services.documents.outline import build_outline
from services.documents.port import DocumentFormat, RenderOptions
from services.documents.text import shorten

_MAX_HEADING = 60  # characters


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    """Write the sheet; without pictures it is empty, and is not published."""
    outline = build_outline(notes, images, RenderOptions(paper=options.paper))
    if not any(page.image for page in outline.pages):
        target.write_bytes(b"")
        return outline.warnings
    sheet_options = RenderOptions(paper=options.paper, layout="handout", watermark=options.watermark)
    data: dict[str, Any] = pdf_layout.build_template_data(outline, sheet_options)
    for plain_page, page in zip(data["pages"], outline.pages, strict=True):
        plain_page["heading"] = pdf_layout.text_item(shorten(plain_page["heading"]["text"], _MAX_HEADING), outline.language)
        plain_page["sentence"] = pdf_layout.text_item(key_sentence(page, outline), outline.language)
    return (*outline.warnings, *pdf.compile_template("sheet.typ", outline, data, target, notes.created_on, check))


FORMAT = DocumentFormat(
    "sheet", "sheet.pdf", "application/pdf", render, "Slides on one sheet", "All slides small, each with one sentence (PDF).", weight=1
)
