"""Writing a document in a process of its own: the notes of a long lecture take room that the server should not keep."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from domain import LectureNotes
from lib.serialization import from_plain, read_json
from services.documents import render
from services.documents.port import RenderOptions


def render_in_child(payload: dict[str, Any], report: Callable[[float, float], None]) -> dict[str, Any]:
    """payload: format, notes, images, target, options -> warnings."""
    notes = read_json(LectureNotes, Path(payload["notes"]))
    options = from_plain(RenderOptions, payload["options"])
    return {"warnings": render(payload["format"], notes, Path(payload["images"]), Path(payload["target"]), options)}
