"""The child process task that renders a document, so that the server does not hold a long lecture in memory."""

from __future__ import annotations

import gc
import importlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from domain import LectureNotes
from lib.serialization import build_adapters, from_plain, read_json
from services.documents import fonts, render
from services.documents.port import RenderOptions


def before_forks() -> None:
    """Prepare what every child of this module needs; see lib/child.py."""
    build_adapters(LectureNotes, RenderOptions)
    fonts.installed_fonts()
    importlib.import_module("typst")


def render_in_child(payload: dict[str, Any], report: Callable[[float, float], None]) -> dict[str, Any]:
    """Render a document; return its warnings. Payload: format, notes, images, target, options, and a folder for temporary files."""
    tempfile.tempdir = payload["scratch"]
    gc.disable()  # the child ends soon, and its values have no cycles
    notes = read_json(LectureNotes, Path(payload["notes"]))
    options = from_plain(RenderOptions, payload["options"])
    return {"warnings": render(payload["format"], notes, Path(payload["images"]), Path(payload["target"]), options)}
