"""Plain text: a paragraph a line, with its time; headings underlined."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from domain import LectureNotes
from lib.process import Check
from services.documents.outline import Outline, heading, outline_of
from services.documents.port import RenderOptions
from services.documents.times import clock, span
from services.documents.writing import columns


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: Check) -> tuple[str, ...]:
    outline = outline_of(notes, images, options)
    with target.open("w", encoding="utf-8", newline="\n") as file:
        file.writelines(f"{line}\n" for line in _lines(outline))
    return ()


def _lines(outline: Outline) -> Iterator[str]:
    yield from (outline.title, "=" * min(columns(outline.title), 78), "")
    for fact in outline.facts:
        yield f"{fact.label}: {fact.url or fact.value}"
    for page in outline.pages:
        name = heading(page, outline.labels)
        if page.slide and page.title:
            name = f"{page.slide.number}. {name}"
        yield from ("", "", name, "-" * min(columns(name), 78), ", ".join(span(passage.time) for passage in page.passages))
        for order, passage in enumerate(page.passages):
            if order and passage.paragraphs:
                yield from ("", f"({outline.labels.again}: {span(passage.time)})")
            for paragraph in passage.paragraphs:
                yield from ("", f"[{clock(paragraph.start_s)}] {paragraph.text}")
