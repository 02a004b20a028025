"""JSON: the whole `LectureNotes` value, as other programs want it."""

from __future__ import annotations

from pathlib import Path

from domain import LectureNotes
from services.documents.port import RenderOptions
from services.tools.process import Check
from services.tools.records import write_json


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: Check) -> tuple[str, ...]:
    write_json(target, notes)
    return ()
