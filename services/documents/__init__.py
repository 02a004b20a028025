"""Documents from one `LectureNotes` value: the formats, and the one function that writes any of them."""

from __future__ import annotations

from pathlib import Path

from domain import LectureNotes
from lib.process import Check, Limits, never_cancelled, run_task
from lib.serialization import replacing, to_plain
from services.documents import docx, json_model, markdown, pdf, plain_text, subtitles, web_page
from services.documents.fonts import unsupported_scripts
from services.documents.port import DocumentFormat, RenderOptions

_LIMITS = Limits(timeout_s=1800, memory_bytes=4 * 2**30)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"

FORMATS: dict[str, DocumentFormat] = {
    document.name: document
    for document in (
        DocumentFormat("pdf", "pdf", "application/pdf", pdf.render, "PDF"),
        DocumentFormat("docx", "docx", _WORD, docx.render, "Word"),
        DocumentFormat("md", "md.zip", "application/zip", markdown.render, "Markdown with pictures"),
        DocumentFormat("txt", "txt", "text/plain; charset=utf-8", plain_text.render, "Text"),
        DocumentFormat("srt", "srt", "application/x-subrip; charset=utf-8", subtitles.render_srt, "Subtitles (SubRip)"),
        DocumentFormat("vtt", "vtt", "text/vtt; charset=utf-8", subtitles.render_vtt, "Subtitles (WebVTT)"),
        DocumentFormat("html", "html", "text/html; charset=utf-8", web_page.render, "Web page"),
        DocumentFormat("json", "json", "application/json", json_model.render, "JSON"),
    )
}


def render(
    format_name: str,
    notes: LectureNotes,
    images: Path,
    target: Path,
    options: RenderOptions = RenderOptions(),
    *,
    check: Check = never_cancelled,
) -> tuple[str, ...]:
    """Write `target` whole or not at all; image names in the notes are relative to `images`.

    -> what a reader should be told (a missing font, a missing picture), empty where all is well.
    """
    with replacing(target) as part:
        return FORMATS[format_name].render(notes, images, part, options, check)


__all__ = ["FORMATS", "DocumentFormat", "RenderOptions", "render", "unsupported_scripts"]


def render_file(
    format_name: str, notes: Path, images: Path, target: Path, options: RenderOptions, *, check: Check = never_cancelled
) -> tuple[str, ...]:
    """`render` of notes in a JSON file, in a child; -> its warnings."""
    payload = {"format": format_name, "notes": str(notes), "images": str(images), "target": str(target), "options": to_plain(options)}
    answer = run_task("services.documents.child_task:render_in_child", payload, check=check, limits=_LIMITS)
    return tuple(answer["warnings"])
