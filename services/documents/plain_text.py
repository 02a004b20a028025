"""Plain text: one line per paragraph with its time, and underlined headings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domain import LectureNotes
from lib.process import CancellationCheck
from lib.text import display_width
from services.documents.outline import Outline, build_outline, page_heading
from services.documents.port import DocumentFormat, RenderOptions
from services.documents.runs import plain_text


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    outline = build_outline(notes, images, options)
    with target.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in _lines(outline))
    return ()


def _lines(outline: Outline) -> Iterator[str]:
    yield from (outline.title, "=" * min(display_width(outline.title), 78), "")
    for fact in outline.facts:
        yield f"{fact.label}: {fact.url or fact.value}"
    for page in outline.pages:
        name = page_heading(page, outline.labels)
        if page.slide and page.title:
            name = f"{page.slide.number}. {name}"
        times = ", ".join(outline.clock_range(passage.time) for passage in page.passages)
        yield from ("", "", name, "-" * min(display_width(name), 78), times)
        if page.slide_text:
            yield ""
        for block in page.slide_text:
            yield from (f"    {line}" if block.is_code else f"  - {line}" for line in block.lines)
        if page.speaker_notes:
            yield from ("", f"{outline.labels.speaker_notes}:", *(f"    {line}" for line in page.speaker_notes))
        for order, passage in enumerate(page.passages):
            if order and passage.paragraphs:
                yield from ("", f"({outline.labels.shown_again}: {outline.clock_range(passage.time)})")
            for paragraph in passage.paragraphs:
                if paragraph.heading:
                    yield from ("", paragraph.heading)
                yield from ("", f"[{outline.clock(paragraph.start_s)}] {plain_text(paragraph.runs)}")


FORMAT = DocumentFormat(
    "txt",
    "txt",
    "text/plain; charset=utf-8",
    render,
    "Text",
    "The text of the slides, and one line per paragraph with its time.",
    version=2,
    is_transcript=True,
    has_pictures=False,
)
