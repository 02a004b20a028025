"""Markdown with pictures: a zip that holds notes.md and the folder images/ to which it points."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from domain import LectureNotes, TimeRange
from lib.process import Check
from services.documents.archive import add_file, add_text
from services.documents.outline import Outline, Page, heading, outline_of
from services.documents.pictures import picture_alt
from services.documents.port import RenderOptions
from services.documents.times import clock, link_to, span

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~$^&@!])")
_AT_START = re.compile(r"^(\d{0,9})([.)+\-=:%])")


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: Check) -> tuple[str, ...]:
    outline = outline_of(notes, images, options)
    pictures = {page.image.name: page.image for page in outline.pages if page.image}
    with zipfile.ZipFile(target, "w") as archive:
        add_text(archive, "notes.md", "\n\n".join(_blocks(outline)) + "\n", outline.created_on)
        for name, path in sorted(pictures.items()):
            check()
            add_file(archive, f"images/{name}", path, outline.created_on)
    return outline.warnings


def escaped(text: str) -> str:
    """Text that every Markdown reader shows as it is. It must stand at the start of a line or inside one, alone on it."""
    return _AT_START.sub(r"\1\\\2", _SPECIAL.sub(r"\\\1", text))


def _blocks(outline: Outline) -> Iterator[str]:
    yield f"# {escaped(outline.title)}"
    yield "\n".join(f"- {escaped(fact.label)}: {_link(fact.value, fact.url)}" for fact in outline.facts)
    for page in outline.pages:
        yield from _page(page, outline)


def _page(page: Page, outline: Outline) -> Iterator[str]:
    yield f"## {escaped(heading(page, outline.labels))}"
    kicker = f"{escaped(outline.labels.slide)} {page.slide.number} · " if page.slide and page.title else ""
    yield kicker + ", ".join(_time(passage.time, outline) for passage in page.passages)
    if page.image:
        yield f"![{escaped(picture_alt(page, outline.labels))}](<images/{page.image.name}>)"
    for order, passage in enumerate(page.passages):
        if order and passage.paragraphs:
            yield f"*{escaped(outline.labels.again)}:* {_time(passage.time, outline)}"
        for paragraph in passage.paragraphs:
            moment = _link(clock(paragraph.start_s), link_to(outline.source_url, paragraph.start_s))
            yield f"**{moment}** {escaped(paragraph.text)}"


def _time(time: TimeRange, outline: Outline) -> str:
    return _link(span(time), link_to(outline.source_url, time.start_s))


def _link(text: str, url: str) -> str:
    return f"[{escaped(text)}](<{_address(url)}>)" if url else escaped(text)


def _address(url: str) -> str:
    """Inside <>, where only these could end the address early or be read as an entity."""
    return url.replace("\\", "%5C").replace("<", "%3C").replace(">", "%3E").replace("&", "\\&")
