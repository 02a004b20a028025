"""All pipelines by name."""

from __future__ import annotations

from pipelines.document_rendering import DOCUMENT_RENDERING
from pipelines.lecture_notes import LECTURE_NOTES
from pipelines.pipeline import Pipeline
from pipelines.transcript_proofreading import TRANSCRIPT_PROOFREADING

PIPELINES: dict[str, Pipeline] = {pipeline.name: pipeline for pipeline in (LECTURE_NOTES, DOCUMENT_RENDERING, TRANSCRIPT_PROOFREADING)}
