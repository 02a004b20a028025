"""Sizes, recognised text and alternative text of slide pictures."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from domain import Slide
from lib.text import clean_text
from services.documents.labels import Labels
from services.documents.ocr_lines import ocr_lines
from services.documents.outline import Outline, Page


def link_pictures(outline: Outline, folder: Path) -> None:
    """Link the folder of the pictures as `folder`/images, so that documents contain no absolute paths."""
    sources = {page.image.parent for page in outline.pages if page.image}
    assert len(sources) <= 1, "the pictures of a lecture are in one folder"
    for source in sources:
        (folder / "images").symlink_to(source.absolute())


def picture_size(slide: Slide, image: Path) -> tuple[int, int]:
    """Return (width, height) in pixels, from the file if the notes have no size."""
    if slide.width > 0 and slide.height > 0:
        return slide.width, slide.height
    with Image.open(image) as picture:
        return picture.size


def picture_text(slide: Slide) -> str:
    """Return the recognised text of the picture as one line."""
    return clean_text(" ".join(" ".join(word.text for word in line) for line in ocr_lines(slide.ocr)))


def picture_alt(page: Page, labels: Labels) -> str:
    if page.slide is None:
        return ""
    return f"{labels.picture}: {labels.slide} {page.slide.number}" + (f", {page.title}" if page.title else "")
