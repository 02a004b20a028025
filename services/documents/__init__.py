"""Document formats: the registry, and the functions that render a `LectureNotes` value in any of them."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from domain import LectureNotes
from lib.process import CancellationCheck, Limits, never_cancelled, run_task
from lib.serialization import atomic_write, to_plain
from services.documents import (
    accessibility,
    anki,
    descriptions,
    docx,
    json_model,
    markdown,
    pdf,
    plain_text,
    slide_sheet,
    subtitles,
    web_page,
)
from services.documents.fonts import unsupported_scripts
from services.documents.port import DocumentDefaults, DocumentFormat, RenderOptions

if TYPE_CHECKING:
    from config import Settings

_LIMITS = Limits(timeout_s=1800, memory_bytes=4 * 2**30)

FORMATS: dict[str, DocumentFormat] = {
    document_format.name: document_format
    for document_format in (
        pdf.FORMAT,
        docx.FORMAT,
        markdown.FORMAT,
        plain_text.FORMAT,
        subtitles.SRT,
        subtitles.VTT,
        web_page.FORMAT,
        json_model.FORMAT,
        slide_sheet.FORMAT,
        anki.FORMAT,
        descriptions.FORMAT,
        accessibility.FORMAT,
    )
}


def from_settings(settings: Settings) -> DocumentDefaults:
    """Return the configured defaults of documents."""
    return DocumentDefaults(settings.docx_reference)


def render(
    format_name: str,
    notes: LectureNotes,
    images: Path,
    target: Path,
    options: RenderOptions = RenderOptions(),
    *,
    check: CancellationCheck = never_cancelled,
) -> tuple[str, ...]:
    """Write the document to `target` atomically; image names in the notes are relative to `images`.

    Returns warnings to show with the document, such as missing fonts or pictures.
    """
    with atomic_write(target) as part:
        return FORMATS[format_name].render(notes, images, part, options, check)


def render_file(
    format_name: str, notes: Path, images: Path, target: Path, options: RenderOptions, *, check: CancellationCheck = never_cancelled
) -> tuple[str, ...]:
    """Render notes from a JSON file in a child process; return the warnings.

    Temporary files are in a folder beside `target`, which is deleted also if the child is killed.
    """
    payload = {"format": format_name, "notes": str(notes), "images": str(images), "target": str(target), "options": to_plain(options)}
    with tempfile.TemporaryDirectory(prefix=f".{format_name}-", dir=target.parent) as scratch:
        result = run_task("services.documents.child_task:render_in_child", {**payload, "scratch": scratch}, check=check, limits=_LIMITS)
    return tuple(result["warnings"])


__all__ = [
    "FORMATS",
    "DocumentDefaults",
    "DocumentFormat",
    "RenderOptions",
    "from_settings",
    "render",
    "render_file",
    "unsupported_scripts",
]
