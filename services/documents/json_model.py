"""JSON: the whole `LectureNotes` value, as other programs want it."""

from __future__ import annotations

from pathlib import Path

from domain import LectureNotes
from lib.process import Check
from lib.serialization import write_json
from services.documents.port import RenderOptions


def render(notes: LectureNotes, images: Path, target: Path, options: RenderOptions, check: Check) -> tuple[str, ...]:
    write_json(target, notes)
    return ()
