"""The stages that read the deck of a lecture, and find its pages among the slides of the recording."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from domain import LectureNotes
from lib.process import Report, run_task
from lib.serialization import atomic_write, read_json
from pipelines.stage import StageInput
from services.lecture_deck import reading
from services.lecture_deck.pages import DeckPages
from services.library import notes_archive
from services.library.rendering import ARCHIVE_FILE
from services.ocr import OcrOptions

MATCHES_FILE = "deck_matches.json"


def read_deck(stage_input: StageInput) -> None:
    """Write deck.json and the pictures of the pages, in a folder of their own."""
    work = stage_input.work
    shutil.rmtree(work.path(reading.PICTURES), ignore_errors=True)
    language = notes_archive.read_language(work.path(ARCHIVE_FILE))
    reading.read_pages(work.root, language, stage_input.engines.get(OcrOptions), stage_input.check)


def match_deck(stage_input: StageInput) -> None:
    """Write the index of each slide's page, null for slides that are not in the deck."""
    payload = {
        "folder": str(stage_input.work.root.absolute()),
        "slide_plan": stage_input.options.get("slide_plan") or [],
        "slide_fingerprint": stage_input.options.get("slide_fingerprint", ""),
    }
    run_task("pipelines.stages.deck:match_in_child", payload, check=stage_input.check)


def match_in_child(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Run as a child task. Payload: folder, slide_plan, slide_fingerprint."""
    from pipelines.stages.corrected_slides import with_slides  # these import the picture libraries
    from services.lecture_deck.applying import find_pages

    folder = Path(payload["folder"])
    pages = read_json(DeckPages, folder / reading.PAGES_FILE).pages
    with tempfile.TemporaryDirectory(prefix=".deck-", dir=folder) as name:
        scratch = Path(name)
        notes_archive.unpack(folder / ARCHIVE_FILE, scratch)
        notes = read_json(LectureNotes, scratch / "notes.json")
        if payload["slide_plan"]:
            notes, _ = with_slides(notes, payload["slide_plan"], payload["slide_fingerprint"], scratch / "images")
        matches = find_pages(notes, pages, scratch / "images", folder / reading.PICTURES)
    with atomic_write(folder / MATCHES_FILE) as part:
        part.write_text(json.dumps(matches))
    return {}


def link_pictures(notes: LectureNotes, folder: Path) -> None:
    """Put the pictures of the pages that the notes show into the folder of the slides' pictures."""
    for name in {slide.image for slide in notes.slides if slide.deck_page}:
        picture = folder / reading.PICTURES / name
        for source in (picture, picture.with_suffix(".svg")):
            if source.exists():
                shutil.copyfile(source, folder / "images" / source.name)
