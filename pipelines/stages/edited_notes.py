"""Changes of finished notes: another title, corrected slides, another text.

Few imports, because a child process that renders again starts with it.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from domain import DetectedSlide, LectureNotes, QualityReport, SlideTimeline, Transcript, Visit
from lib.process import Report
from lib.serialization import read_json, to_plain, write_json
from services.documents.paragraphs import group_into_paragraphs
from services.lecture_deck.pages import DeckPages
from services.slide_plan.plan import plan_from_plain
from services.slides.words_on_slides import assign_words
from services.transcript_text import lines


@dataclass(frozen=True)
class Summary:
    """The title and key figures of the notes."""

    title: str
    slides: int
    words: int
    quality: QualityReport


def change_notes(payload: dict[str, Any], report: Report) -> dict[str, Any]:
    """Change notes.json and write summary.json; return `warnings`, and how the pages of the `deck` were used.

    Payload: the folder of a workspace, the title, the plan of corrected slides with the fingerprint of those it corrects, and the file of
    an edited transcript, JSON lines; what is empty stays. `deck`: the file with the pages of a deck, or "". `facts`: see `facts_in`.
    """
    folder = Path(payload["folder"])
    notes = read_json(LectureNotes, folder / "notes.json")
    notes = dataclasses.replace(notes, title=payload["title"] or notes.title, **payload["facts"])
    warnings: tuple[str, ...] = ()
    kept_titles: set[int] = set()
    kept_pictures: set[int] = set()
    if payload["slide_plan"]:
        from pipelines.stages.corrected_slides import with_slides  # it imports the picture library

        notes, warnings = with_slides(notes, payload["slide_plan"], payload["slide_fingerprint"], folder / "images")
        if not warnings:
            plan = list(enumerate(plan_from_plain(payload["slide_plan"]), 1))
            kept_titles = {number for number, slide in plan if not slide.title_from}
            kept_pictures = {number for number, slide in plan if slide.has_chosen_picture or slide.crop is not None}
    if payload["transcript"]:
        notes = with_transcript(notes, lines.read_file(folder / payload["transcript"]))
    if payload["deck"]:
        from pipelines.stages import deck  # it imports the picture library
        from services.lecture_deck.applying import with_deck

        deck_pages = read_json(DeckPages, folder / payload["deck"])
        pages, warnings = deck_pages.pages, (*warnings, *deck_pages.warnings)
        matches = json.loads((folder / deck.MATCHES_FILE).read_bytes())
        notes = with_deck(notes, pages, matches, kept_titles=kept_titles, kept_pictures=kept_pictures)
        deck.link_pictures(notes, folder)
    write_json(folder / "notes.json", notes)
    write_json(folder / "summary.json", summary_of(notes))
    return {"warnings": list(warnings), "deck": [to_plain(page) for page in notes.deck]}


def facts_in(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the options say of the author and the course, as fields of the notes."""
    return {
        "author": str(options.get("author") or ""),
        "course": str(options.get("course") or ""),
        "lecture_number": int(options.get("lecture_number") or 0),
    }


def summary_of(notes: LectureNotes) -> Summary:
    all_paragraphs = [paragraph for slide in notes.slides for visit in slide.visits for paragraph in visit.paragraphs]
    words = sum(len(paragraph.words) for paragraph in (*all_paragraphs, *notes.unplaced))
    return Summary(notes.title, len(notes.slides), words, notes.quality)


def with_transcript(notes: LectureNotes, transcript: Transcript) -> LectureNotes:
    """Replace all words. Subtitle files are then written from the words, not from uploaded captions."""
    detected_slides = tuple(DetectedSlide(tuple(visit.time for visit in slide.visits), slide.frame_time_s) for slide in notes.slides)
    segments_by_visit = {(index, time): segments for index, time, segments in assign_words(transcript, SlideTimeline(detected_slides))}
    slides = tuple(
        dataclasses.replace(
            slide,
            visits=tuple(Visit(each.time, group_into_paragraphs(segments_by_visit.get((index, each.time), ()))) for each in slide.visits),
        )
        for index, slide in enumerate(notes.slides)
    )
    return dataclasses.replace(
        notes,
        language=transcript.language or notes.language,
        slides=slides,
        unplaced=() if slides else group_into_paragraphs(transcript.segments),
        captions=(),
    )
