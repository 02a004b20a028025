"""The pipeline that proofreads an existing transcript; it reads no media."""

from __future__ import annotations

import json
import tarfile
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from domain import LectureNotes
from lib.serialization import from_plain
from pipelines.pipeline import Pipeline
from pipelines.stage import Stage, StageInput, Workspace
from pipelines.stage_metrics import StageMetrics
from pipelines.stages import proofread
from services.jobs.job_kind import OutputKind
from services.library import hidden_formats, rendering
from services.proofreading import ProofreadingOptions
from services.transcript_text import lines
from services.transcripts import proofreading_jobs


class TranscriptProofreadingOptions(BaseModel):
    """Options of the pipeline `transcript_proofreading`."""

    model_config = ConfigDict(extra="forbid")

    proofread: Literal["rules", "model"] = "rules"
    review_first: bool = False


def _run(stage_input: StageInput) -> None:
    slide_lines: list[tuple[str, ...]] = []
    if stage_input.options["has_slides"]:
        with tarfile.open(stage_input.work.path(rendering.ARCHIVE_FILE)) as tar:
            member = tar.extractfile("notes.json")
            notes = from_plain(LectureNotes, json.load(member)) if member is not None else None
        slide_lines = [line for slide in notes.slides for line in proofread.lines_of(slide.ocr)] if notes else []
    text = stage_input.work.path(proofreading_jobs.INPUT_FILE)
    proofread.proofread_file(stage_input, text, stage_input.options["proofread"], slide_lines)


def _outputs(options: Mapping[str, Any]) -> Sequence[OutputKind]:
    return [OutputKind(hidden_formats.CORRECTIONS, "corrections.jsonl", lines.CONTENT_TYPE, proofread.CORRECTIONS_FILE)]


def _report(work: Workspace) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(work.path(proofread.REPORT_FILE).read_text())
    return report


def _warnings(work: Workspace, options: Mapping[str, Any]) -> Sequence[str]:
    return list(_report(work)["warnings"])


def _summary(work: Workspace, stage_metrics: Mapping[str, StageMetrics]) -> Mapping[str, Any]:
    report = _report(work)
    return {"proofreading": {**report["usage"], "corrections": report["corrections"]}}


TRANSCRIPT_PROOFREADING = Pipeline(
    name=proofreading_jobs.PIPELINE,
    stages=(
        Stage(
            "proofread",
            _run,
            label="Proofreading the transcript",
            name_before_report=proofread.WAITING_NAME,
            needs=(proofreading_jobs.INPUT_FILE, rendering.ARCHIVE_FILE),
            makes=(proofread.CORRECTIONS_FILE, proofread.REPORT_FILE),
            uses=("proofread", proofread.PROMPT_OPTION, "glossary", "course_words", "has_slides"),
            engine=ProofreadingOptions,
            checkpoint=proofread.CHECKPOINT_FILE,
            version=2,
        ),
    ),
    options_model=TranscriptProofreadingOptions,
    load=proofreading_jobs.load,
    outputs=_outputs,
    record=proofreading_jobs.record,
    after_record=proofreading_jobs.after_record,
    warnings=_warnings,
    summary=_summary,
)
