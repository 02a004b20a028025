"""The pipeline that renders the documents of a recording again, from the archive of its notes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pipelines.lecture_notes import outputs, warnings
from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, Workspace
from pipelines.stage_metrics import StageMetrics
from pipelines.stages import documents
from schemas.options import DocumentOptions
from services.documents import FORMATS
from services.library import artifacts, rendering


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    summary: dict[str, Any] = json.loads(work.path("summary.json").read_text())
    return {**summary, "transcript_sha256": json.loads(work.path("text.json").read_text())["sha256"]}


DOCUMENT_RENDERING = Pipeline(
    name=rendering.PIPELINE,
    stages=(
        Stage(
            "document_notes",
            documents.unpack_notes,
            label="Writing the documents",
            needs=(rendering.ARCHIVE_FILE, rendering.TRANSCRIPT_FILE),
            makes=("notes.json", "images", "summary.json", "text.json"),
            uses=("title", "author", "course", "lecture_number", "is_edited"),
            weight=0.2,
            version=3,
        ),
        *(documents.stage_for(name) for name in FORMATS),
    ),
    options_model=DocumentOptions,
    load=rendering.load,
    outputs=outputs,
    record=artifacts.record,
    settle=artifacts.promote,
    finish=artifacts.rerender_if_changed,
    warnings=warnings,
    summary=_summary,
)
