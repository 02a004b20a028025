"""Pipelines by the name that jobs carry."""

from __future__ import annotations

from pipelines import lecture_notes
from pipelines.stage import Stage

PIPELINES: dict[str, tuple[Stage, ...]] = {"lecture_notes": lecture_notes.STAGES}
