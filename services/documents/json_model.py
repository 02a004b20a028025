"""JSON: the complete `LectureNotes` value."""

from __future__ import annotations

from pathlib import Path

from domain import LectureNotes
from lib.process import CancellationCheck
from lib.serialization import write_json
from services.documents.port import DocumentFormat, RenderOptions


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: CancellationCheck) -> tuple[str, ...]:
    write_json(target, notes)
    return ()


FORMAT = DocumentFormat("json", "json", "application/json", render, "JSON", "The complete notes: every word with its time, every OCR box.")
