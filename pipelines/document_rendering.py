"""The pipeline that renders the documents of a recording again, from the archive of its notes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines.lecture_notes import outputs, warnings
from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, Workspace
from pipelines.stage_metrics import StageMetrics
from pipelines.stages import deck, documents
from schemas.options import DocumentOptions
from services.documents import FORMATS
from services.jobs.job_kind import OutputKind
from services.lecture_deck import reading
from services.library import artifacts, hidden_formats, rendering
from services.ocr import OcrOptions


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    summary: dict[str, Any] = json.loads(work.path("summary.json").read_text())
    changes = json.loads(work.path("changes.json").read_text())
    names = ("transcript_sha256", "slide_plan_sha256", "deck_sha256", "deck")
    return {**summary, **{name: changes[name] for name in names if changes[name]}, "transcript_sha256": changes["transcript_sha256"]}


def _outputs(options: Mapping[str, Any]) -> list[OutputKind]:
    archive = OutputKind(hidden_formats.EDITED_NOTES, "edited.tar", "application/x-tar", documents.EDITED_ARCHIVE_FILE, is_optional=True)
    return [*outputs(options), *([archive] if options.get("slide_plan") else [])]


def _warnings(work: Workspace, options: Mapping[str, Any]) -> list[str]:
    return list(dict.fromkeys([*json.loads(work.path("changes.json").read_text())["warnings"], *warnings(work, options)]))


def _has_deck(options: Mapping[str, Any]) -> bool:
    return bool(options.get("has_deck"))


_DECK = (reading.PAGES_FILE, reading.PICTURES)
DOCUMENT_RENDERING = Pipeline(
    name=rendering.PIPELINE,
    stages=(
        Stage(
            "deck",
            deck.read_deck,
            label="Reading the deck",
            needs=(rendering.ARCHIVE_FILE, rendering.DECK_FILE),
            makes=_DECK,
            engine=OcrOptions,
            weight=1,
            version=2,
            when=_has_deck,
        ),
        Stage(
            "deck_matches",
            deck.match_deck,
            label="Matching the deck to the slides",
            needs=(rendering.ARCHIVE_FILE, *_DECK),
            makes=(deck.MATCHES_FILE,),
            uses=("slide_plan", "slide_fingerprint"),
            weight=0.5,
            version=2,
            when=_has_deck,
        ),
        Stage(
            "document_notes",
            documents.unpack_notes,
            label="Writing the documents",
            needs=(rendering.ARCHIVE_FILE, rendering.TRANSCRIPT_FILE, rendering.DECK_FILE, *_DECK, deck.MATCHES_FILE),
            makes=("notes.json", "images", "summary.json", "changes.json"),
            uses=("title", "author", "course", "lecture_number", "is_edited", "has_deck", "slide_plan", "slide_fingerprint"),
            weight=0.2,
            version=6,
        ),
        Stage(
            "edited_archive",
            documents.archive_edited_notes,
            label="Writing the documents",
            needs=("notes.json", "images"),
            makes=(documents.EDITED_ARCHIVE_FILE,),
            weight=0.1,
            when=lambda options: bool(options.get("slide_plan")),
        ),
        *(documents.stage_for(name) for name in FORMATS),
    ),
    options_model=DocumentOptions,
    publishes_early=True,
    load=rendering.load,
    outputs=_outputs,
    record=artifacts.record,
    after_record=artifacts.promote,
    finish=artifacts.rerender_if_changed,
    warnings=_warnings,
    summary=_summary,
)
