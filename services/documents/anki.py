"""A deck of flashcards for Anki: each slide with its title and its lines hidden one after the other, and the terms of the glossary.

A note keeps its identity when the documents are rendered again, so that importing the deck again updates the cards and keeps what was
learned. Pictures are stored once; the boxes over them are HTML. The package is written by genanki (https://github.com/kerrickstaley/genanki).
"""

from __future__ import annotations

import hashlib
import re
import tempfile
import zipfile
from collections.abc import Iterator
from html import escape
from pathlib import Path

import genanki

from domain import LectureNotes, Slide
from lib.process import CancellationCheck
from services.documents.archive import add_bytes, add_file
from services.documents.back_matter import find_entries
from services.documents.key_sentences import key_sentence
from services.documents.ocr_lines import ocr_lines
from services.documents.outline import Outline, Page, build_outline
from services.documents.pdf import creation_time
from services.documents.pictures import picture_alt, picture_size
from services.documents.port import DocumentFormat, RenderOptions

_SLIDE_MODEL_ID, _TERM_MODEL_ID = 1_738_204_511, 1_738_204_512  # constant, or an import would add another kind of note
_MAX_BOXES = 8
_PADDING_PX = 6  # pixels around the words
_STYLE = """
.card { font: 18px/1.5 system-ui, sans-serif; text-align: center; color: #1c2127; background: #fdfcfa; }
.nightMode.card { color: #dfe3e7; background: #16191d; }
.slide { position: relative; display: inline-block; max-width: 100%; }
.slide img { display: block; max-width: 100%; max-height: 80vh; }
.box { position: absolute; }
.box .cloze { position: absolute; inset: 0; overflow: hidden; color: transparent; background: #17558f; border-radius: 3px; }
.answer .box .cloze { background: none; outline: 3px solid #b5533c; }
.note { max-width: 38em; margin: .8em auto; text-align: start; }
.source { font-size: 14px; }
"""
_SLIDE_MODEL = genanki.Model(
    _SLIDE_MODEL_ID,
    "Lectern slide",
    fields=[{"name": "Picture"}, {"name": "Boxes"}, {"name": "Note"}, {"name": "Source"}],
    templates=[
        {
            "name": "Slide",
            "qfmt": '<div class="slide">{{Picture}}{{cloze:Boxes}}</div>',
            "afmt": '<div class="slide answer">{{Picture}}{{cloze:Boxes}}</div>\n<div class="note">{{Note}}</div>\n'
            '<div class="source">{{Source}}</div>',
        }
    ],
    css=_STYLE,
    model_type=genanki.Model.CLOZE,
)
_TERM_MODEL = genanki.Model(
    _TERM_MODEL_ID,
    "Lectern term",
    fields=[{"name": "Term"}, {"name": "Definition"}, {"name": "Source"}],
    templates=[
        {
            "name": "Term",
            "qfmt": "<b>{{Term}}</b>",
            "afmt": '{{FrontSide}}\n<hr id="answer">\n<div class="note">{{Definition}}</div>\n<div class="source">{{Source}}</div>',
        }
    ],
    css=_STYLE,
)


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    """Write the deck; without slides and definitions it is empty, and is not published."""
    outline = build_outline(notes, images, RenderOptions())
    identity = outline.moment_url or outline.source_url or outline.title
    name = "::".join(filter(None, [outline.course, outline.title]))
    deck = genanki.Deck(_number(identity), name)
    pages = [page for page in outline.pages if page.image and page.slide]
    for page in pages:
        check()
        deck.add_note(_slide_note(page, outline, identity))
    for entry in find_entries(notes, outline):
        if entry.defined_at is not None:
            source = _source(outline.pages[entry.defined_at.page], entry.defined_at.time_s, outline)
            fields = [escape(entry.text), escape(entry.definition), source]
            deck.add_note(genanki.Note(_TERM_MODEL, fields, guid=_guid(identity, "term", entry.text.casefold()), tags=["term"]))
    if not deck.notes:
        target.write_bytes(b"")
        return outline.warnings
    with tempfile.TemporaryDirectory(prefix="lectern-anki-") as folder:
        package_file = Path(folder) / "deck.apkg"
        genanki.Package(deck).write_to_file(package_file, timestamp=float(creation_time(notes.created_on)))
        _repack(package_file, target, pages, identity, outline.created_on)
    return outline.warnings


def _slide_note(page: Page, outline: Outline, identity: str) -> genanki.Note:
    assert page.slide and page.image
    boxes = list(_boxes(page, page.slide, page.image))
    picture = f'<img src="{_media_name(page, identity)}" alt="{escape(picture_alt(page, outline.labels))}">'
    note = escape(key_sentence(page, outline))
    fields = [picture, "".join(boxes), note, _source(page, page.start_s, outline)]
    return genanki.Note(_SLIDE_MODEL, fields, guid=_guid(identity, "slide", str(page.slide.number)), tags=[f"slide-{page.slide.number}"])


def _boxes(page: Page, slide: Slide, image: Path) -> Iterator[str]:
    """Yield a box over the title, then one over each of the first lines; without words, one over the whole picture."""
    width, height = picture_size(slide, image)
    areas = _areas(page, slide)[:_MAX_BOXES] or [(0, 0, width, height)]
    for number, (left, top, right, bottom) in enumerate(areas, 1):
        place = ";".join(
            f"{name}:{100 * value:.2f}%"
            for name, value in (
                ("left", max(0, left - _PADDING_PX) / width),
                ("top", max(0, top - _PADDING_PX) / height),
                ("width", (right - left + 2 * _PADDING_PX) / width),
                ("height", (bottom - top + 2 * _PADDING_PX) / height),
            )
        )
        yield f'<div class="box" style="{place}">{{{{c{number}::&nbsp;}}}}</div>'


def _areas(page: Page, slide: Slide) -> list[tuple[int, int, int, int]]:
    """Return (left, top, right, bottom) of the title as one area and of each line. What most slides repeat is left out."""
    title_letters = _letters(slide.title)
    text_letters = _letters(" ".join(line for block in page.slide_text for line in block.lines))
    title: list[tuple[int, int, int, int]] = []
    lines = []
    for words in ocr_lines(slide.ocr):
        area = (
            min(word.box.x for word in words),
            min(word.box.y for word in words),
            max(word.box.x + word.box.width for word in words),
            max(word.box.y + word.box.height for word in words),
        )
        letters = _letters(" ".join(word.text for word in words))
        if letters and title_letters.startswith(letters):
            title_letters = title_letters[len(letters) :]
            title.append(area)
        elif len(letters) > 2 and letters in text_letters:
            lines.append(area)
    if title:
        lefts, tops, rights, bottoms = zip(*title, strict=True)
        lines.insert(0, (min(lefts), min(tops), max(rights), max(bottoms)))
    return lines


def _source(page: Page, time_s: float, outline: Outline) -> str:
    slide = f"{outline.labels.slide} {page.slide.number}, " if page.slide else ""
    text = escape(f"{outline.title}, {slide}{outline.clock(time_s)}")
    url = outline.moment_link(time_s) or outline.link_to(time_s)
    return f'<a href="{escape(url)}">{text}</a>' if url else text


def _media_name(page: Page, identity: str) -> str:
    """Return a name that no other deck has, because all pictures of Anki are in one folder."""
    assert page.image
    return f"lectern-{_guid(identity)}-{re.sub(r'[^A-Za-z0-9.-]', '_', page.image.name)}"


def _repack(package: Path, target: Path, pages: list[Page], identity: str, created_on: str) -> None:
    """Copy the package with entries that have the notes' date, and add the pictures."""
    names = {str(index): _media_name(page, identity) for index, page in enumerate(pages)}
    with zipfile.ZipFile(package) as old, zipfile.ZipFile(target, "w") as new:
        add_bytes(new, "collection.anki2", old.read("collection.anki2"), created_on)
        media = "{" + ", ".join(f'"{number}": "{name}"' for number, name in names.items()) + "}"
        add_bytes(new, "media", media.encode(), created_on)
        for index, page in enumerate(pages):
            assert page.image
            add_file(new, str(index), page.image, created_on)


def _guid(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:16]


def _number(identity: str) -> int:
    return 2**30 + int(hashlib.sha256(identity.encode()).hexdigest()[:8], 16) % 2**30


def _letters(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).casefold()


FORMAT = DocumentFormat(
    "anki", "apkg", "application/vnd.anki", render, "Anki deck", "Flashcards: slides with hidden titles and lines, and the glossary."
)
