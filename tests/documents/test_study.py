"""The study pack: flashcards and the sheet of all slides."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from pathlib import Path

import pypdf

from domain import LectureNotes, TimeRange, Visit
from services.documents import RenderOptions, render
from services.documents.key_sentences import key_sentence
from services.documents.outline import build_outline
from tests.documents.lecture import make_notes, make_segment, make_slide


def cards_of(package: Path, folder: Path) -> list[tuple[str, str, str, int]]:
    """Return (guid, fields, tags, number of cards) of each note."""
    with zipfile.ZipFile(package) as archive:
        archive.extract("collection.anki2", folder)
    with sqlite3.connect(folder / "collection.anki2") as database:
        return database.execute(
            "SELECT guid, flds, tags, (SELECT COUNT(*) FROM cards WHERE nid = notes.id) FROM notes ORDER BY notes.id"
        ).fetchall()


def test_cards_hide_the_title_and_each_line(code_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    notes, images = code_lecture
    render("anki", notes, images, tmp_path / "out.apkg")
    cards = cards_of(tmp_path / "out.apkg", tmp_path)
    assert [count for *_, count in cards] == [3, 4, 2]  # a title and 2, 3 and 1 lines; no footer
    picture, boxes, note, source = cards[0][1].split("\x1f")
    assert "left:6.56%;top:" in boxes and boxes.count("{{c") == 3 and "{{c1::" in boxes
    assert note == "So it goes." and 'href="https://example.org/watch?v=abc#t=0"' in source
    with zipfile.ZipFile(tmp_path / "out.apkg") as archive:
        media = json.loads(archive.read("media"))
        assert media["0"] in picture and archive.read("0") == (images / "slide-001.jpg").read_bytes()


def test_notes_keep_their_identity(code_lecture: tuple[LectureNotes, Path], tmp_path: Path) -> None:
    notes, images = code_lecture
    render("anki", notes, images, tmp_path / "one.apkg")
    first = [guid for guid, *_ in cards_of(tmp_path / "one.apkg", tmp_path)]
    render("anki", LectureNotes(**{**vars(notes), "title": "Another title"}), images, tmp_path / "two.apkg")
    assert [guid for guid, *_ in cards_of(tmp_path / "two.apkg", tmp_path)] == first


def test_a_sheet_shows_all_slides(lecture: LectureNotes, images: Path, tmp_path: Path) -> None:
    assert render("sheet", lecture, images, tmp_path / "out.pdf") == ()
    reader = pypdf.PdfReader(tmp_path / "out.pdf")
    [page] = reader.pages
    assert page.mediabox.width > page.mediabox.height and len(page.images) == 7
    assert page.extract_text().count("The gradient points uphill, so we") == 7
    assert b"pdfuaid" in reader.trailer["/Root"]["/Metadata"].get_data()


def test_the_key_sentence_speaks_of_the_slide(revisited_lecture: tuple[LectureNotes, Path]) -> None:
    outline = build_outline(*revisited_lecture, RenderOptions())
    assert key_sentence(outline.pages[0], outline) == "Alpha begins."


def test_a_key_sentence_does_not_go_on_from_another_one(tmp_path: Path) -> None:
    text = "We look at a hash table now. And the hash table grows by one half. A table of this kind grows in steps."
    slide = make_slide(tmp_path, 1, "Hash tables", ["It grows"], [Visit(TimeRange(0, 20), (make_segment(text, 1),))])
    outline = build_outline(make_notes([slide]), tmp_path, RenderOptions())
    assert key_sentence(outline.pages[0], outline) == "We look at a hash table now."
