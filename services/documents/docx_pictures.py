"""Insert pictures into Word files after pandoc: pandoc takes 65 ms of CPU per picture, so it gets placeholders that we replace."""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path

from PIL import Image

from lib.process import CancellationCheck
from services.documents.archive import add_bytes, add_file
from services.documents.outline import Outline
from services.documents.text import is_right_to_left

_PLACEHOLDER_MARK = b"\0placeholder for:"
_PAGE_BREAK = re.compile(rb'<w:pageBreakBefore ?/>(<w:spacing [^>]*?w:before=)"0"')
_SPACE_BEFORE_SLIDE = rb'\1"520"'
_HEADING = b'<w:pStyle w:val="Heading1" />'
_NO_BREAK = b'<w:pageBreakBefore w:val="0" />'
_ONLY_STYLE, _SPACE_BEFORE = _HEADING + b"</w:pPr>", b'<w:spacing w:before="520" />'
_NO_FRAME = b'<a:ln w="9525"><a:noFill />'
_FRAME = b'<a:ln w="6350"><a:solidFill><a:srgbClr val="C9D0D6" /></a:solidFill>'
_TITLE = b'<w:pStyle w:val="Title" />'


def write_placeholders(outline: Outline, folder: Path) -> None:
    """Write a one-pixel picture of the same format for each picture, with the real file's name appended."""
    (folder / "images").mkdir()
    for page in outline.pages:
        if page.image:
            pixel = io.BytesIO()
            with Image.open(page.image) as picture:
                Image.new("RGB", (1, 1)).save(pixel, picture.format)
            (folder / "images" / page.image.name).write_bytes(pixel.getvalue() + _PLACEHOLDER_MARK + page.image.name.encode())


def insert_pictures(
    outline: Outline, source: Path, target: Path, check: CancellationCheck, *, page_per_slide: bool, has_cover: bool
) -> None:
    """Copy a Word file and replace the placeholders by the real pictures; entries get the notes' date.

    `page_per_slide`: whether each slide begins a page, with `has_cover` also the first one.
    """
    pictures = {page.image.name: page.image for page in outline.pages if page.image}
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            check()
            content = old.read(name)
            _, mark, picture = content.rpartition(_PLACEHOLDER_MARK)
            if mark and name.startswith("word/media/"):
                add_file(new, name, pictures[picture.decode()], outline.created_on)
            else:
                add_bytes(new, name, _patch(name, content, outline, page_per_slide=page_per_slide, has_cover=has_cover), outline.created_on)


def _patch(name: str, content: bytes, outline: Outline, *, page_per_slide: bool, has_cover: bool) -> bytes:
    if name == "word/document.xml":
        return _patch_document(content if has_cover or not page_per_slide else _without_first_break(content), outline)
    if name == "word/styles.xml" and not page_per_slide:
        return _PAGE_BREAK.sub(_SPACE_BEFORE_SLIDE, content)
    return content


def _without_first_break(document: bytes) -> bytes:
    """Return the document with its first heading on the page of the title."""
    before, heading, after = document.partition(_ONLY_STYLE)
    if heading and _HEADING not in before:
        return before + _HEADING + _NO_BREAK + _SPACE_BEFORE + b"</w:pPr>" + after
    return document.replace(_HEADING, _HEADING + _NO_BREAK, 1)


def _patch_document(document: bytes, outline: Outline) -> bytes:
    """Set the margins around pictures (LibreOffice's default is 3 mm), their frames, and the title's direction, which pandoc omits."""
    document = document.replace(_NO_FRAME, _FRAME)
    document = document.replace(b"<wp:inline>", b'<wp:inline distT="0" distB="0" distL="0" distR="0">')
    return document.replace(_TITLE, _TITLE + b"<w:bidi />", 1) if is_right_to_left(outline.title) else document
